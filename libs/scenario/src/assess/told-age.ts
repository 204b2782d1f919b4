import { after, holds, minuteMs } from '@headroom/core';
import type { Instant, Millis, Rule } from '@headroom/core';
import type { ObservedValue } from '../history/target-history.ts';
import { isNear, rulesRead } from './age-of-data.ts';
import { matchMs } from './assessed-history.ts';
import type { OddOperation } from './odd-operation.ts';
import { rulesOf } from './rule-values.ts';

// What Azure's own readings say of a guess about the age of its data.

/**
 * Whether data of this age can have led to the action: what Azure read in the minute of the action, or in the one before where newer
 * data came with the action, lies among what the windows of so long ago said, give or take a minute. Where no reading tells,
 * or several windows share its source, it can.
 */
export function canBeOfAge(odd: OddOperation, ageMs: Millis): boolean {
  const { at } = odd.operation;
  const minuteAt = after(at, -(at % minuteMs));
  return [minuteAt, after(minuteAt, -minuteMs)].some((minute) => isReadIn(minute, odd, ageMs));
}

/** Whether Azure read what leads to the action long before it acted: then no data of any age held it back. */
export function hadReadIt(odd: OddOperation): boolean {
  const { assessed, operation, values, early } = odd;
  if (early === undefined) return false;
  const { at: actedAt, from, to } = operation;
  const between = assessed.history.observed.filter(
    ({ at }) => at >= early.since && after(at, minuteMs + matchMs) <= actedAt,
  );
  const rules = rulesOf(values.profileAt(actedAt), to > from ? 'out' : 'in', from);
  const firing = rules.map((rule) => firedIn(between, rule, odd));
  if (to > from) return firing.some((minutes) => minutes.size > 0);
  const [first = new Set<Instant>(), ...others] = firing;
  return [...first].some((minute) => others.every((minutes) => minutes.has(minute)));
}

/** The minutes in which Azure read of a rule what lets it fire. */
function firedIn(readings: readonly ObservedValue[], rule: Rule, odd: OddOperation): Set<Instant> {
  const { operator, threshold } = rule.trigger;
  const firing = readings.filter(
    (reading) =>
      holds(operator, reading.value, threshold) && rulesOfReading(reading, odd)?.includes(rule),
  );
  return new Set(firing.map(({ at }) => at));
}

function isReadIn(minute: Instant, odd: OddOperation, ageMs: Millis): boolean {
  const readings = odd.assessed.history.observed.filter(({ at }) => at === minute);
  return readings.every((reading) => {
    const read = rulesOfReading(reading, odd);
    return read === undefined || read.some((rule) => isAmong(rule, reading, odd, ageMs));
  });
}

/** `undefined`: of several windows, or of none, and there is no telling of which. */
function rulesOfReading(
  reading: ObservedValue,
  { operation, values }: OddOperation,
): readonly Rule[] | undefined {
  const read = rulesRead(values.profileAt(operation.at)?.profile.rules ?? [], reading);
  return new Set(read.map((rule) => values.windowsOf(rule))).size === 1 ? read : undefined;
}

function isAmong(
  rule: Rule,
  { at, value }: ObservedValue,
  { operation, values }: OddOperation,
  ageMs: Millis,
): boolean {
  const windows = values.windowsOf(rule);
  const last = windows.placeAt(after(at, minuteMs + matchMs - ageMs));
  const compared: number[] = [];
  for (let place = windows.placeAt(after(at, -matchMs - ageMs)); place <= last; place++) {
    const ours = values.observed(rule, windows, place, operation.from);
    if (ours !== undefined) compared.push(ours);
  }
  if (compared.length === 0 || compared.some((ours) => isNear(ours, value))) return true;
  return value > Math.min(...compared) && value < Math.max(...compared);
}
