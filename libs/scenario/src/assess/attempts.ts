import { durationText, minuteMs } from '@headroom/core';
import type { AutoscaleSetting, Millis } from '@headroom/core';
import type { Explanation } from './assessment.ts';
import type { Variation } from './assessed-history.ts';
import type { OddOperation } from './odd-operation.ts';
import { withCooldowns, withRounding } from './varied-setting.ts';

/** Other circumstances under which Azure's action may come out. */
export interface Attempt {
  readonly by: Explanation;
  readonly text: string;
  readonly variation: Variation;
}

const stepMs: Millis = minuteMs / 2;

/** Later than this, data has not come late: it was missing. */
const oldestMs: Millis = 10 * minuteMs;

/** With another cooldown or rounding, data may have been this much older or younger than usual as well. */
const besideMs: Millis = 2 * minuteMs;

const ages: readonly Millis[] = Array.from(
  { length: oldestMs / stepMs + 1 },
  (_, place) => place * stepMs,
);

/** The likely ones first: data a little older or younger, a cooldown or a rounding of another kind, data that came late. */
export function* attempts(odd: OddOperation): Generator<Attempt> {
  const { dataAgeMs } = odd;
  for (const ageMs of agesNear(odd)) if (ageMs !== dataAgeMs) yield aged(odd, ageMs);
  for (const { by, text, variation } of others(odd)) {
    for (const ageMs of agesNear(odd)) {
      const also = ageMs === dataAgeMs ? '' : `, and data ${durationText(ageMs)} old`;
      yield { by, text: `${text}${also}`, variation: { ...variation, dataAgeMs: ageMs } };
    }
  }
  const near = new Set(agesNear(odd));
  for (const ageMs of nearestFirst(odd)) if (!near.has(ageMs)) yield aged(odd, ageMs);
}

function aged({ dataAgeMs: usual }: OddOperation, dataAgeMs: Millis): Attempt {
  const text = `with data ${durationText(dataAgeMs)} old, where it is ${durationText(usual)} mostly`;
  return { by: 'dataAge', text, variation: { dataAgeMs } };
}

/** How old the data may have been beside other circumstances, the usual age first. */
export function agesNear(odd: OddOperation): readonly Millis[] {
  return nearestFirst(odd).filter((ageMs) => Math.abs(ageMs - odd.dataAgeMs) <= besideMs);
}

function nearestFirst({ dataAgeMs }: OddOperation): readonly Millis[] {
  return ages.toSorted((a, b) => Math.abs(a - dataAgeMs) - Math.abs(b - dataAgeMs));
}

interface Other {
  readonly by: Explanation;
  readonly text: string;
  readonly variation: Omit<Variation, 'dataAgeMs'>;
}

function* others(odd: OddOperation): Generator<Other> {
  const { assessed, operation, before, lastCooldownMs } = odd;
  const { setting } = assessed.history;
  if (lastCooldownMs !== undefined) {
    const text = `with the cooldown of the rule that fired last, ${durationText(lastCooldownMs)}`;
    yield { by: 'cooldown', text, variation: { setting: withCooldowns(setting, lastCooldownMs) } };
  }
  if (before !== undefined) {
    const text = 'with cooldowns that count from the end of the operation before';
    yield { by: 'cooldown', text, variation: { cooldownCounts: 'fromEnd' } };
  }
  if (before?.failed === true) {
    const text = 'with no cooldown after the operation before, which failed';
    yield { by: 'cooldown', text, variation: { cooldownCounts: 'notAfterFailure' } };
  }
  yield* roundings(setting, operation.from);
}

function* roundings(setting: AutoscaleSetting, count: number): Generator<Other> {
  for (const [text, round] of [
    ['up', Math.ceil],
    ['to the nearest count', Math.round],
  ] as const) {
    const varied = withRounding(setting, count, round);
    if (varied === undefined) continue;
    yield {
      by: 'rounding',
      text: `with percentages rounded ${text}`,
      variation: { setting: varied },
    };
  }
}
