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
  return minutesOf(odd).some((minute) => isReadIn(minute, odd, ageMs));
}

/**
 * Whether a reading says that data was of this age: one at the action is a value that windows of so long ago had, and none that
 * those of the usual age have.
 */
export function isToldOfAge(odd: OddOperation, ageMs: Millis): boolean {
  return minutesOf(odd).some(
    (minute) =>
      isReadIn(minute, odd, ageMs) &&
      readingsIn(minute, odd).some((reading) => {
        const read = rulesOfReading(reading, odd) ?? [];
        const isOf = (age: Millis) =>
          read.some((rule) =>
            valuesThen(rule, reading, odd, age).some((ours) => isNear(ours, reading.value)),
          );
        return isOf(ageMs) && !isOf(odd.dataAgeMs);
      }),
  );
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

/** In which Azure may have read what it acted on. */
function minutesOf({ operation: { at } }: OddOperation): readonly Instant[] {
  const minute = after(at, -(at % minuteMs));
  return [minute, after(minute, -minuteMs)];
}

function readingsIn(minute: Instant, { assessed }: OddOperation): readonly ObservedValue[] {
  return assessed.history.observed.filter(({ at }) => at === minute);
}

function isReadIn(minute: Instant, odd: OddOperation, ageMs: Millis): boolean {
  return readingsIn(minute, odd).every((reading) => {
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

function isAmong(rule: Rule, reading: ObservedValue, odd: OddOperation, ageMs: Millis): boolean {
  const { value } = reading;
  const compared = valuesThen(rule, reading, odd, ageMs, matchMs);
  if (compared.length === 0 || compared.some((ours) => isNear(ours, value))) return true;
  return value > Math.min(...compared) && value < Math.max(...compared);
}

/** What the rule's windows of so long ago said within the reading's minute, and `beside` it. */
function valuesThen(
  rule: Rule,
  { at }: ObservedValue,
  { operation, values }: OddOperation,
  ageMs: Millis,
  beside: Millis = 0,
): readonly number[] {
  const windows = values.windowsOf(rule);
  const last = windows.placeAt(after(at, minuteMs + beside - ageMs));
  const compared: number[] = [];
  for (let place = windows.placeAt(after(at, -beside - ageMs)); place <= last; place++) {
    const ours = values.observed(rule, windows, place, operation.from);
    if (ours !== undefined) compared.push(ours);
  }
  return compared;
}
