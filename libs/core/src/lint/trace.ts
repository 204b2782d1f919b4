import { hourMs, isoOf, minuteMs } from '../lang/instant.ts';
import type { Instant, Millis } from '../lang/instant.ts';
import { activeProfile } from '../setting/active-profile.ts';
import type { DimensionFilter } from '../setting/autoscale-setting.ts';
import { TimeZones } from '../setting/time-zone.ts';
import type { ExampleTrace, TraceExpectation, TraceInput } from './finding.ts';
import type { LintedProfile, LintedRule } from './linted-setting.ts';
import { isSturdy } from './steady-load.ts';
import type { SteadyLoad } from './steady-load.ts';

/** A load that lasts for so many minutes, and the count with which it begins. */
export interface Stretch {
  readonly instances: number;
  readonly load: SteadyLoad;
  readonly minutes: number;
}

/** Most switches of profiles that are looked at for a time in which one applies long enough. */
const switchesMax = 200;

/**
 * A scale test of these loads, one after another. `undefined`: the setting is disabled, its profile never applies for
 * so long, a number cannot be written in the notation of series, or all hangs on how a sum is rounded.
 */
export function steadyTrace(
  profile: LintedProfile,
  stretches: readonly Stretch[],
  expect: readonly TraceExpectation[],
): ExampleTrace | undefined {
  const capacity = stretches[0]?.instances;
  if (!profile.setting.enabled || capacity === undefined) return undefined;
  if (!stretches.every(({ instances, load }) => isSturdy(profile, instances, load)))
    return undefined;
  const minutes = stretches.reduce((sum, stretch) => sum + stretch.minutes, 0);
  const start = startWhere(profile, (minutes + 1) * minuteMs);
  const input = inputsOf(profile, stretches);
  if (start === undefined || input === undefined) return undefined;
  const always = profile.setting.profiles.length === 1;
  return { capacity, ...(always ? {} : { start: isoOf(start) }), input, expect };
}

/** `5m`. */
export function atMinute(minutes: number): string {
  return `${minutes}m`;
}

/** The window that all rules have, in minutes; `undefined`: they differ, and so does when each is full first. */
export function commonWindowMinutes({ rules }: LintedProfile): number | undefined {
  const windows = new Set(rules.map(({ rule }) => rule.trigger.timeWindowMs / minuteMs));
  return windows.size === 1 ? [...windows][0] : undefined;
}

/** The longest window of all: from then on every rule is warm. */
export function longestWindowMinutes({ rules }: LintedProfile): number {
  return Math.max(...rules.map(({ rule }) => rule.trigger.timeWindowMs / minuteMs));
}

/** A whole hour from which on the profile applies for so long. */
function startWhere({ setting, index, options }: LintedProfile, lengthMs: Millis) {
  const zones = new TimeZones();
  let from = wholeHour(options.from);
  for (let switches = 0; switches < switchesMax; switches++) {
    const active = activeProfile(setting, from, zones);
    const endsAt = active?.until ?? Infinity;
    if (active?.index === index && from + lengthMs <= endsAt) return from;
    if (endsAt === Infinity) return undefined;
    from = wholeHour(endsAt as Instant);
  }
  return undefined;
}

function wholeHour(at: Instant): Instant {
  return (Math.ceil(at / hourMs) * hourMs) as Instant;
}

function inputsOf(
  profile: LintedProfile,
  stretches: readonly Stretch[],
): readonly TraceInput[] | undefined {
  const readers = new Map(profile.rules.map((rule) => [rule.loadKey, rule]));
  const inputs: TraceInput[] = [];
  for (const [loadKey, reader] of readers) {
    const values = valuesOf(stretches, loadKey);
    if (values === undefined) return undefined;
    inputs.push(inputOf(reader, profile.setting.target, values));
  }
  return inputs;
}

/** Neighbouring stretches of one value are one token. */
function valuesOf(stretches: readonly Stretch[], loadKey: string): string | undefined {
  const runs: { value: number | undefined; minutes: number }[] = [];
  for (const { load, minutes } of stretches) {
    const value = load.get(loadKey);
    const last = runs.at(-1);
    if (last !== undefined && last.value === value) last.minutes += minutes;
    else runs.push({ value, minutes });
  }
  const tokens = runs.map(({ value, minutes }) => tokenOf(value, minutes));
  return tokens.includes(undefined) ? undefined : tokens.join(' ');
}

function tokenOf(value: number | undefined, minutes: number): string | undefined {
  const text = String(value);
  return /^\d+(\.\d+)?$/.test(text) ? `${text}x${minutes}` : undefined;
}

function inputOf({ rule }: LintedRule, target: string, values: string): TraceInput {
  const { metricName, resource, dimensions } = rule.trigger;
  const named = dimensions.filter(({ operator }) => operator === 'Equals').map(firstOf);
  return {
    metric: metricName,
    ...(resource === target ? {} : { resource }),
    ...(named.length === 0 ? {} : { dimensions: Object.fromEntries(named) }),
    every: '1m',
    values,
  };
}

function firstOf({ name, values }: DimensionFilter): readonly [string, string] {
  return [name, values[0] ?? ''];
}
