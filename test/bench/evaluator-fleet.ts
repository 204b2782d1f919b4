import { instant, minuteMs, targetId } from '@headroom/core';
import type { Instant, Rule, Sample, SettingVersion } from '@headroom/core';
import { decodeSettingContent } from '@headroom/wire';
import type { LimitRule, LimitSetting } from './limit-rules.ts';

/** A setting's rules, in whole minutes of the average; both sides are made of them. */
export type FleetRules = readonly LimitRule[];

/** Four rules, of which one setting in a hundred fires the first: its series is above 70. */
export const shortRules: FleetRules = [
  { direction: 'out', minutes: 10, threshold: 70 },
  { direction: 'in', minutes: 10, threshold: 20 },
  { direction: 'out', minutes: 5, threshold: 75 },
  { direction: 'in', minutes: 15, threshold: 15 },
];

export const metric = 'CpuUtilizationPercentage';
export const capacity = 4;
/** A minute in 2026; log time of a minute is its end. */
export const firstMinute = 29_500_000;
/** One series in so many is above the thresholds of its out rules. */
export const firingOneIn = 100;

export function endOf(minute: number): Instant {
  return instant((minute + 1) * minuteMs);
}

/** A target as Azure writes it: 140 characters that mostly are the same. */
export function resourceOf(index: number): string {
  const subscription = `6f3a1c0e-9b1d-4c6a-8e2f-${(index % 997).toString(16).padStart(12, '0')}`;
  return (
    `/subscriptions/${subscription}/resourceGroups/rg-prod-${index % 211}/providers` +
    `/Microsoft.MachineLearningServices/workspaces/ml/onlineEndpoints/app-${index}/deployments/blue`
  );
}

/** Between 30 and 60, or above 80. */
export function valueOf(index: number, minute: number): number {
  const wave = ((index * 13 + minute * 7) % 120) / 4;
  return index % firingOneIn === 0 ? 80 + wave / 4 : 30 + wave;
}

/**
 * Versions of settings that differ in their target only, in `observe`, so that no operation is
 * awaited. The production parser reads the first; the others are copies that share nothing with it.
 */
export function settingVersions(rules: FleetRules): (index: number) => SettingVersion {
  const content = decodeSettingContent(armSetting(0, rules), { mode: 'observe' });
  if (content.kind !== 'setting') throw new Error(`the bench's setting is ${content.kind}`);
  const { setting, policy } = content;
  return (index) => {
    const name = `setting-${index}`;
    const target = targetId(resourceOf(index));
    const profiles = setting.profiles.map((profile) => ({
      ...profile,
      rules: profile.rules.map((rule) => ruleOn(targetId(resourceOf(index)), rule)),
    }));
    const own = { ...setting, name, target, profiles };
    const copied = { ...content, setting: own, policy: structuredClone(policy), overrides: [] };
    return { target, id: name, version: 1, content: copied };
  };
}

function ruleOn(resource: string, { trigger, action }: Rule): Rule {
  return { trigger: { ...trigger, resource, dimensions: [] }, action: { ...action } };
}

export function limitSetting(index: number, rules: FleetRules): LimitSetting {
  return { resource: resourceOf(index), metric, capacity, rules };
}

export function sampleOf(index: number, minute: number): Sample {
  const value = valueOf(index, minute);
  return {
    series: { resource: targetId(resourceOf(index)), metric: metric.toLowerCase(), dimensions: [] },
    time: instant(minute * minuteMs),
    grainMs: minuteMs,
    count: 1,
    total: value,
    minimum: value,
    maximum: value,
  };
}

/** The same as a record of Azure's diagnostic settings. */
export function recordOf(index: number, minute: number, name = metric): object {
  const value = valueOf(index, minute);
  return {
    count: 1,
    total: value,
    minimum: value,
    maximum: value,
    average: value,
    resourceId: resourceOf(index).toUpperCase(),
    time: new Date(minute * minuteMs).toISOString().replace('Z', '0000Z'),
    metricName: name,
    timeGrain: 'PT1M',
  };
}

/** Every one of `count` once, in an order that no memory foresees. */
export function shuffled(count: number): readonly number[] {
  const order = Array.from({ length: count }, (_, at) => at);
  let state = 11;
  for (let at = count - 1; at > 0; at--) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) | 0;
    const other = (state >>> 1) % (at + 1);
    [order[at], order[other]] = [order[other] ?? 0, order[at] ?? 0];
  }
  return order;
}

function armSetting(index: number, rules: FleetRules): object {
  const targetResourceUri = resourceOf(index);
  const bounds = { minimum: '1', maximum: '10', default: '1' };
  return {
    location: 'westeurope',
    properties: {
      name: `setting-${index}`,
      enabled: true,
      targetResourceUri,
      profiles: [
        {
          name: 'default',
          capacity: bounds,
          rules: rules.map((rule) => armRule(targetResourceUri, rule)),
        },
      ],
    },
  };
}

function armRule(resource: string, { direction, minutes, threshold }: LimitRule): object {
  const isOut = direction === 'out';
  return {
    metricTrigger: {
      metricName: metric,
      metricResourceUri: resource,
      timeGrain: 'PT1M',
      statistic: 'Average',
      timeWindow: `PT${minutes}M`,
      timeAggregation: 'Average',
      operator: isOut ? 'GreaterThan' : 'LessThan',
      threshold,
    },
    scaleAction: {
      direction: isOut ? 'Increase' : 'Decrease',
      type: 'ChangeCount',
      value: '1',
      cooldown: 'PT5M',
    },
  };
}
