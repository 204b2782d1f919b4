/** What a made-up target lives through: its load, the instances that follow it, and the minutes that are recorded. */
import { activeProfile, instant, targetId, TimeZones } from '@headroom/core';
import type { AutoscaleSetting, Instant, LintFinding, Profile, Rule, Sample } from '@headroom/core';
import type { CapacityChangeAt } from '@headroom/scenario';

export const minuteMs = 60_000;
export const dayMinutes = 1440;
export const begin = instant(Date.parse('2026-10-30T00:00:00Z'));
export const cpu = 'CpuUtilizationPercentage';
const zones = new TimeZones();

export interface Story {
  readonly name: string;
  readonly days: number;
  /** Of the noise. */
  readonly seed: number;
  /** Instances' worth of load at the height of a day. */
  readonly height: number;
  readonly maximum: number;
  /** A second profile on the nights. */
  readonly hasNights?: boolean;
  /** A second metric that is read beside the CPU. */
  readonly hasQueue?: boolean;
  readonly findings?: readonly LintFinding[];
  readonly gaps?: readonly string[];
  readonly refused?: string;
}

export function settingOf({ name, maximum, hasNights, hasQueue }: Story): AutoscaleSetting {
  const target = targetId(
    `/subscriptions/5f3c2a10-7d1e-4b7a-9a55-0d2f6b1c9e44/resourceGroups/rg-inference-prod/providers/Microsoft.MachineLearningServices/workspaces/ws/onlineEndpoints/${name.replace(/\W/g, '')}/deployments/blue`,
  );
  const rules = [rule(target, cpu, 'GreaterThan', 70), rule(target, cpu, 'LessThan', 40)];
  if (hasQueue === true) rules.push(rule(target, 'RequestsPerMinute', 'GreaterThan', 900));
  const capacity = { minimum: 1, maximum, default: 2 };
  const everyDay = [0, 1, 2, 3, 4, 5, 6] as const;
  const at = (hour: number) =>
    ({ kind: 'recurrence', timeZone: 'Etc/UTC', days: everyDay, hour, minute: 0 }) as const;
  const profiles: Profile[] =
    hasNights === true
      ? [
          { name: 'day', capacity: { ...capacity, minimum: 2 }, rules, schedule: at(6) },
          {
            name: 'night',
            capacity: { minimum: 1, maximum: 3, default: 1 },
            rules,
            schedule: at(22),
          },
        ]
      : [{ name: 'default', capacity, rules }];
  return { name, enabled: true, target, profiles };
}

function rule(
  resource: string,
  metricName: string,
  operator: 'GreaterThan' | 'LessThan',
  threshold: number,
): Rule {
  return {
    trigger: {
      metricName,
      resource,
      timeGrainMs: minuteMs,
      statistic: 'Average',
      timeWindowMs: (operator === 'GreaterThan' ? 5 : 10) * minuteMs,
      timeAggregation: 'Average',
      operator,
      threshold,
      dimensions: [],
      dividePerInstance: false,
    },
    action: {
      direction: operator === 'GreaterThan' ? 'Increase' : 'Decrease',
      type: 'ChangeCount',
      value: 1,
      cooldownMs: 5 * minuteMs,
    },
  };
}

export function minute(index: number): Instant {
  return instant(begin + index * minuteMs);
}

/** Instances' worth of work in a minute: days and nights, quieter weekends, a burst now and then, noise. */
export function loadOf({ seed, height }: Story, index: number): number {
  const hour = (index % dayMinutes) / 60;
  const day = Math.floor(index / dayMinutes);
  const wave = Math.max(0.1, Math.sin(((hour - 5) / 24) * 2 * Math.PI));
  const weekend = (day + seed) % 7 >= 5 ? 0.5 : 1;
  const burstAt = noise(seed, day) * dayMinutes;
  const burst = index % dayMinutes > burstAt && index % dayMinutes < burstAt + 25 ? 0.4 : 0;
  return height * 0.7 * weekend * (wave + burst + 0.08 * (noise(seed, index) - 0.5));
}

/** Between 0 and 1, the same for the same. */
function noise(seed: number, index: number): number {
  const x = Math.sin(seed * 127.1 + index * 311.7) * 43_758.5453;
  return x - Math.floor(x);
}

export interface Lived {
  readonly capacities: readonly CapacityChangeAt[];
  readonly changes: readonly {
    readonly index: number;
    readonly from: number;
    readonly to: number;
  }[];
  readonly values: readonly number[];
  readonly windows: readonly number[];
  readonly instances: readonly number[];
}

const noBounds = { minimum: 1, maximum: 1, default: 1 };

/** An engine that sees data `lag` minutes late, every minute. */
export function live(story: Story, setting: AutoscaleSetting, lag: number): Lived {
  const capacities: CapacityChangeAt[] = [];
  const changes: { index: number; from: number; to: number }[] = [];
  const [values, windows, instances]: [number[], number[], number[]] = [[], [], []];
  let count = activeProfile(setting, begin, zones)?.profile.capacity.minimum ?? 2;
  let quietUntil = 0;
  capacities.push({ at: begin, instances: count });
  for (let index = 0; index < story.days * dayMinutes; index++) {
    const value = Math.min(100, (loadOf(story, index) / count) * 100);
    values.push(value);
    windows.push(average(values, index, 5));
    instances.push(count);
    const capacity = activeProfile(setting, minute(index), zones)?.profile.capacity ?? noBounds;
    const seen = index - lag;
    const out = (windows[seen] ?? 50) > 70;
    const into = average(values, seen, 10) < 40;
    const wanted = index < quietUntil ? count : out ? count + 1 : into ? count - 1 : count;
    const bounded = Math.min(capacity.maximum, Math.max(capacity.minimum, wanted));
    if (bounded === count) continue;
    changes.push({ index, from: count, to: bounded });
    count = bounded;
    quietUntil = index + 8;
    capacities.push({ at: minute(index), instances: count });
  }
  return { capacities, changes, values, windows, instances };
}

function average(values: readonly number[], end: number, length: number): number {
  const part = values.slice(Math.max(0, end - length + 1), Math.max(0, end + 1));
  return part.length === 0 ? 50 : part.reduce((sum, value) => sum + value, 0) / part.length;
}

export function samplesOf(
  story: Story,
  setting: AutoscaleSetting,
  { values }: Lived,
): readonly Sample[] {
  const names = story.hasQueue === true ? [cpu, 'RequestsPerMinute'] : [cpu];
  return values.flatMap((value, index) => {
    // A part of a night that nobody recorded.
    const isGap = index > 4 * dayMinutes + 130 && index < 4 * dayMinutes + 220;
    if (isGap) return [];
    return names.map((name): Sample => {
      const total = name === cpu ? value : loadOf(story, index) * 140;
      return {
        series: { resource: setting.target, metric: name.toLowerCase(), dimensions: [] },
        time: minute(index),
        grainMs: minuteMs,
        count: 1,
        total,
        minimum: total,
        maximum: total,
      };
    });
  });
}
