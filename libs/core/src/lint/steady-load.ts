import { minuteMs } from '../lang/instant.ts';
import type { Instant } from '../lang/instant.ts';
import type { Reading } from '../evaluation/reading.ts';
import { judge } from '../decision/decide.ts';
import type { Judgement } from '../decision/judgement.ts';
import type { MetricTrigger, Rule } from '../setting/autoscale-setting.ts';
import { dividesPerInstance } from '../setting/per-instance.ts';
import { criticalValues } from './critical-values.ts';
import type { ValueRange } from './critical-values.ts';
import type { LintedProfile, LintedRule } from './linted-setting.ts';
import { rangeOf } from './metric-catalog.ts';

/** By `loadKey`: the value that one sample of each minute has, for ever. */
export type SteadyLoad = ReadonlyMap<string, number>;

/** What is decided at this load with so many instances, all windows full and no cooldown left. The engine says so. */
export function judgementAt(
  profile: LintedProfile,
  instances: number,
  load: SteadyLoad,
): Judgement {
  return judgementOf(profile, instances, ({ loadKey, rule }) => {
    const sample = load.get(loadKey);
    return sample === undefined ? undefined : windowValue(rule.trigger, sample);
  });
}

/** The same where each rule's window reads a value; `undefined`: it is missing. */
export function judgementOf(
  profile: LintedProfile,
  instances: number,
  valueOf: (rule: LintedRule) => number | undefined,
): Judgement {
  const { policy, index, options } = profile;
  const now = options.from;
  return judge({
    setting: { ...profile.setting, enabled: true },
    policy,
    overrides: [],
    active: { profile: profile.profile, index },
    state: { capacity: { kind: 'known', instances, observedAt: now } },
    read: (rule, place) => {
      const linted = profile.rules[place];
      return readingOf(rule, linted === undefined ? undefined : valueOf(linted), now);
    },
    now,
  });
}

function readingOf({ trigger }: Rule, value: number | undefined, now: Instant): Reading {
  const window = { lengthMs: trigger.timeWindowMs, frontier: now, dataAgeMs: 0, path: 'other' };
  if (value === undefined) return { kind: 'missing', window };
  const samples = trigger.timeWindowMs / minuteMs;
  return { kind: 'value', completeness: 'complete', value, window, samples };
}

/** What a window reads that is full of equal samples, one a minute. */
function windowValue(trigger: MetricTrigger, sample: number): number {
  const grainMinutes = trigger.timeGrainMs / minuteMs;
  const grains = trigger.timeWindowMs / trigger.timeGrainMs;
  const ofGrain = { Sum: sample * grainMinutes, Count: grainMinutes };
  const { statistic, timeAggregation } = trigger;
  const grain = statistic === 'Sum' || statistic === 'Count' ? ofGrain[statistic] : sample;
  if (timeAggregation === 'Total') return grain * grains;
  return timeAggregation === 'Count' ? grains : grain;
}

/**
 * What the load of a metric becomes where `from` instances are followed by `to`: totals stay, shares are shared anew.
 */
export function sharedBy(
  profile: LintedProfile,
  load: SteadyLoad,
  loadKey: string,
  from: number,
  to: number,
): SteadyLoad {
  const reader = profile.rules.find((rule) => rule.loadKey === loadKey);
  const value = load.get(loadKey);
  if (reader === undefined || value === undefined) return load;
  if (dividesPerInstance(reader.rule.trigger)) return load;
  return new Map([...load, [loadKey, (value * from) / to]]);
}

/**
 * Whether one number says what every rule of the profile sees. Not so where two rules filter one metric differently,
 * where one divides by the instances and another does not, and where windows are no whole minutes.
 */
export function isSteadyLoadTold({ rules }: LintedProfile): boolean {
  const keys = new Set(rules.map(({ metricKey }) => metricKey));
  const ways = new Set(
    rules.map(({ loadKey, rule }) => `${loadKey}\n${dividesPerInstance(rule.trigger)}`),
  );
  return ways.size === keys.size && rules.every(({ rule }) => isWholeMinutes(rule.trigger));
}

function isWholeMinutes({ timeGrainMs, timeWindowMs }: MetricTrigger): boolean {
  return timeGrainMs % minuteMs === 0 && timeWindowMs % timeGrainMs === 0;
}

/**
 * The samples that matter for what a metric's rules say with `instances`, and what they would with any of `others`.
 */
export function criticalLoads(
  profile: LintedProfile,
  loadKey: string,
  instances: number,
  others: readonly number[] = [],
): readonly number[] {
  const readers = profile.rules.filter((rule) => rule.loadKey === loadKey);
  const samples = readers.flatMap(({ rule: { trigger } }) => {
    const unit = windowValue(trigger, 1);
    const divided = dividesPerInstance(trigger);
    const own = (trigger.threshold / unit) * (divided ? instances : 1);
    const scaled = others.map((count) => own * (count / instances));
    return [own, ...scaled];
  });
  return criticalValues(samples, sampleRange(readers));
}

/** Samples below zero are nothing that a load has. */
function sampleRange(readers: readonly LintedRule[]): ValueRange {
  const percent = readers.some(({ rule: { trigger } }) => {
    return rangeOf({ ...trigger, statistic: 'Average', timeAggregation: 'Average' }).most === 100;
  });
  return { least: 0, most: percent ? 100 : Infinity };
}

/**
 * Most counts of a profile that are looked at one by one: what differs between counts does so among the small ones.
 */
const countsMax = 50;

/** Counts within the bounds that the target takes, from below; with very many the lowest of them. */
export function countsOf({ limits, ladder }: LintedProfile): readonly number[] {
  const { minimum, maximum } = limits;
  if (ladder !== undefined) {
    return ladder.filter((count) => count >= minimum && count <= maximum).slice(0, countsMax);
  }
  const length = Math.min(maximum - minimum + 1, countsMax);
  return Array.from({ length: Math.max(0, length) }, (_, index) => minimum + index);
}

/**
 * A load at which, of every metric but `except`, all in rules fire and no out rule does; of those the lowest.
 * `undefined`: there is none for some metric.
 */
export function quietLoad(
  profile: LintedProfile,
  instances: number,
  except?: string,
): SteadyLoad | undefined {
  const load = new Map<string, number>();
  for (const loadKey of new Set(profile.rules.map((rule) => rule.loadKey))) {
    if (loadKey === except) continue;
    const value = criticalLoads(profile, loadKey, instances).find((candidate) =>
      [1 - roundingPart, 1, 1 + roundingPart].every((part) =>
        isQuiet(profile, loadKey, instances, candidate * part),
      ),
    );
    if (value === undefined) return undefined;
    load.set(loadKey, value);
  }
  return load;
}

/** A sum of many samples is off by less than this part of itself. */
const roundingPart = 1e-9;

/** Whether what is decided stays the same however sums are rounded: false for a load that lies on a threshold. */
export function isSturdy(profile: LintedProfile, instances: number, load: SteadyLoad): boolean {
  const { reason, after } = judgementAt(profile, instances, load);
  return [1 - roundingPart, 1 + roundingPart].every((part) => {
    const off = new Map([...load].map(([loadKey, value]) => [loadKey, value * part]));
    const other = judgementAt(profile, instances, off);
    return other.reason === reason && other.after === after;
  });
}

function isQuiet(profile: LintedProfile, loadKey: string, instances: number, value: number) {
  const { rules } = judgementAt(profile, instances, new Map([[loadKey, value]]));
  return profile.rules.every(({ loadKey: key, rule }, index) => {
    if (key !== loadKey) return true;
    const report = rules[index];
    if (report === undefined) return false;
    const wanted = report.direction === 'in' && rule.action.direction !== 'None';
    return report.fired === wanted;
  });
}
