import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { after, instant, minuteMs, secondMs } from '../lang/instant.ts';
import type { Rule } from '../setting/autoscale-setting.ts';
import type { TargetState, Verdict } from './decision.ts';
import { decideOn, known, now, rule, setting } from './decide.fixture.ts';
import type { Readings } from './decide.fixture.ts';

const cpu = [rule('cpu > 70 out 2'), rule('cpu < 30 in 1')];

/** `ScaleOut ScaleOutRule 2→4`. */
function said({ outcome, reason, capacity }: Verdict): string {
  const counts = outcome === 'Hold' ? '' : ` ${capacity.before ?? '?'}→${capacity.after ?? '?'}`;
  return `${outcome} ${reason}${counts}`;
}

interface Case {
  readonly name: string;
  readonly rules?: readonly Rule[];
  readonly limits?: Parameters<typeof setting>[1];
  readonly at: number;
  readonly readings?: Readings;
  readonly state?: Partial<TargetState>;
  readonly said: string;
}

const actedAgo = (ms: number) => ({ lastActionAt: after(now, -ms) });
const inFlight = {
  commandId: 'c',
  to: 4,
  decidedAt: after(now, -minuteMs),
  startBy: after(now, minuteMs),
  started: false,
};

const cases: readonly Case[] = [
  { name: 'an out rule fires', at: 2, readings: { cpu: 80 }, said: 'ScaleOut ScaleOutRule 2→4' },
  { name: 'no rule fires', at: 2, readings: { cpu: 50 }, said: 'Hold NotTriggered' },
  {
    name: 'at the threshold GreaterThan does not fire',
    at: 2,
    readings: { cpu: 70 },
    said: 'Hold NotTriggered',
  },
  { name: 'all in rules fire', at: 5, readings: { cpu: 20 }, said: 'ScaleIn ScaleInRule 5→4' },
  {
    name: 'the maximum clamps the result',
    at: 9,
    readings: { cpu: 80 },
    said: 'ScaleOut ScaleOutRule 9→10',
  },
  { name: 'at the maximum', at: 10, readings: { cpu: 80 }, said: 'Hold AtMaximum' },
  { name: 'at the minimum', at: 1, readings: { cpu: 20 }, said: 'Hold AtMinimum' },
  { name: 'below the minimum', at: 1, limits: { minimum: 3 }, said: 'ScaleOut BelowMinimum 1→3' },
  { name: 'above the maximum', at: 12, said: 'ScaleIn AboveMaximum 12→10' },
  {
    name: 'bounds ignore a cooldown',
    at: 12,
    state: actedAgo(0),
    said: 'ScaleIn AboveMaximum 12→10',
  },
  {
    name: 'any out rule is enough',
    rules: [...cpu, rule('mem > 75 out 1')],
    at: 2,
    readings: { cpu: 50, mem: 76 },
    said: 'ScaleOut ScaleOutRule 2→3',
  },
  {
    name: 'the highest result wins: 15 % of 40 is more than 3',
    rules: [rule('cpu > 70 out 3'), rule('mem > 70 out 15%')],
    limits: { maximum: 100 },
    at: 40,
    readings: { cpu: 80, mem: 80 },
    said: 'ScaleOut ScaleOutRule 40→46',
  },
  {
    name: 'percentages truncate and move by one at least',
    rules: [rule('cpu > 70 out 15%')],
    at: 3,
    readings: { cpu: 80 },
    said: 'ScaleOut ScaleOutRule 3→4',
  },
  {
    name: 'in only when all in rules fire',
    rules: [...cpu, rule('queue < 100 in 1')],
    at: 5,
    readings: { cpu: 10, queue: 200 },
    said: 'Hold NotAllTriggered',
  },
  {
    name: 'of the in rules the highest remaining count wins',
    rules: [rule('cpu < 30 in 50%'), rule('queue < 100 in 3')],
    limits: { maximum: 20 },
    at: 10,
    readings: { cpu: 10, queue: 10 },
    said: 'ScaleIn ScaleInRule 10→7',
  },
  {
    name: 'without an in rule it never scales in',
    rules: [rule('cpu > 70 out 1')],
    at: 6,
    readings: { cpu: 0 },
    said: 'Hold NotTriggered',
  },
  {
    name: 'the candidate rule waits its own cooldown',
    at: 2,
    readings: { cpu: 80 },
    state: actedAgo(5 * minuteMs - 1),
    said: 'Hold Cooldown',
  },
  {
    name: 'and is cooled when it has passed to the millisecond',
    at: 2,
    readings: { cpu: 80 },
    state: actedAgo(5 * minuteMs),
    said: 'ScaleOut ScaleOutRule 2→4',
  },
  {
    name: 'a rule with a shorter cooldown goes first',
    rules: [rule('cpu > 70 out 5'), rule('mem > 70 out 1', {}, minuteMs)],
    at: 2,
    readings: { cpu: 80, mem: 80 },
    state: actedAgo(2 * minuteMs),
    said: 'ScaleOut ScaleOutRule 2→3',
  },
  {
    name: 'scale-in waits for every in rule’s cooldown',
    at: 5,
    readings: { cpu: 10 },
    state: actedAgo(minuteMs),
    said: 'Hold Cooldown',
  },
  {
    name: 'a scale-in that would be reversed is held (golden row 12)',
    rules: [rule('cpu > 50 out 1'), rule('cpu < 30 in 1')],
    at: 2,
    readings: { cpu: 28 },
    said: 'Hold Flapping',
  },
  {
    name: 'or adjusted to the first safe count (golden row 14, by the formula)',
    rules: [rule('cpu > 70 out 20'), rule('req >= 200 out 20'), rule('req < 51 in 10')],
    limits: { maximum: 50 },
    at: 30,
    readings: { cpu: 65, req: 50 },
    said: 'ScaleIn FlappingAdjusted 30→28',
  },
  {
    name: 'per instance, 6 wants 1 and gets 4 (golden row 15)',
    rules: [
      rule('req >= 3 out 10', { dividePerInstance: true }),
      rule('req < 3 in 5', { dividePerInstance: true }),
    ],
    limits: { maximum: 30 },
    at: 6,
    readings: { req: 10 },
    said: 'ScaleIn FlappingAdjusted 6→4',
  },
  {
    name: 'a missing metric raises to the default',
    limits: { default: 3 },
    at: 2,
    readings: { cpu: 'missing' },
    said: 'ScaleOut DefaultCapacity 2→3',
  },
  {
    name: 'and never lowers to it',
    limits: { default: 3 },
    at: 5,
    readings: { cpu: 'missing' },
    said: 'Hold MetricMissing',
  },
  {
    name: 'missing is not zero: it fires no in rule',
    at: 5,
    readings: { cpu: 'missing' },
    said: 'Hold MetricMissing',
  },
  {
    name: 'one missing metric blocks scale-in',
    rules: [...cpu, rule('mem > 75 out 1')],
    at: 5,
    readings: { cpu: 10, mem: 'missing' },
    said: 'Hold MetricMissing',
  },
  {
    name: 'and does not block scale-out',
    rules: [...cpu, rule('mem > 75 out 1')],
    at: 5,
    readings: { cpu: 80, mem: 'missing' },
    said: 'ScaleOut ScaleOutRule 5→7',
  },
  {
    name: 'a partial window may scale out',
    at: 2,
    readings: { cpu: '80 partial' },
    said: 'ScaleOut ScaleOutRule 2→4',
  },
  {
    name: 'and blocks scale-in',
    at: 5,
    readings: { cpu: '10 partial' },
    said: 'Hold MetricMissing',
  },
  {
    name: 'and does not raise to the default',
    limits: { default: 8 },
    at: 5,
    readings: { cpu: '10 partial' },
    said: 'Hold MetricMissing',
  },
  { name: 'warming fires nothing', at: 5, readings: { cpu: 'warming' }, said: 'Hold Warming' },
  {
    name: 'an operation is running',
    at: 2,
    readings: { cpu: 80 },
    state: { inFlight },
    said: 'Hold InFlight',
  },
  {
    name: 'after a failure it waits',
    at: 2,
    readings: { cpu: 80 },
    state: { backoff: { failures: 1, until: after(now, secondMs) } },
    said: 'Hold Backoff',
  },
  {
    name: 'until the wait is over',
    at: 2,
    readings: { cpu: 80 },
    state: { backoff: { failures: 1, until: now } },
    said: 'ScaleOut ScaleOutRule 2→4',
  },
  {
    name: 'an in rule never raises',
    rules: [{ ...rule('cpu < 30 in to 8') }],
    at: 5,
    readings: { cpu: 10 },
    said: 'Hold NotTriggered',
  },
  {
    name: 'an exact count without a direction counts among all only when it fires',
    rules: [rule('cpu < 30 in 1'), rule('mem > 90 to 4')],
    at: 5,
    readings: { cpu: 10, mem: 50 },
    said: 'ScaleIn ScaleInRule 5→4',
  },
  {
    name: 'and is no in rule at its own count',
    rules: [rule('cpu < 30 in 1'), rule('mem > 90 to 5')],
    at: 5,
    readings: { cpu: 10, mem: 60 },
    said: 'ScaleIn ScaleInRule 5→4',
  },
  {
    name: 'but below that count it would raise again, and flapping counts that',
    rules: [rule('cpu < 30 in 1'), rule('mem > 90 to 5')],
    at: 5,
    readings: { cpu: 10, mem: 95 },
    said: 'Hold Flapping',
  },
  {
    name: 'it lowers from above',
    rules: [rule('mem > 90 to 3')],
    at: 5,
    readings: { mem: 95 },
    said: 'ScaleIn ScaleInRule 5→3',
  },
  {
    name: 'a fired out rule that does not raise ends the question',
    rules: [rule('cpu > 70 out to 3'), rule('mem < 50 in 1')],
    at: 5,
    readings: { cpu: 80, mem: 10 },
    said: 'Hold NotTriggered',
  },
];

describe('decide', () => {
  test.each(cases)(
    '$name: $said',
    ({ rules = cpu, limits, at, readings, state, said: expected }) => {
      expect(said(decideOn(setting(rules, limits), known(at, state), readings))).toBe(expected);
    },
  );

  test('a disabled setting holds, whatever the metrics say', () => {
    const disabled = { ...setting(cpu), enabled: false };
    expect(said(decideOn(disabled, known(2), { cpu: 90 }))).toBe('Hold Disabled');
  });

  test('an unknown capacity is asked for', () => {
    const verdict = decideOn(setting(cpu), { capacity: { kind: 'unknown' } }, { cpu: 90 });
    expect(said(verdict)).toBe('Hold CapacityUnknown');
    expect(verdict.wantsCapacity).toBe(true);
  });

  test('one not confirmed for a minute is asked for again, without holding', () => {
    const verdict = decideOn(setting(cpu), known(2), { cpu: 90 }, { now: after(now, minuteMs) });
    expect(verdict).toMatchObject({ outcome: 'ScaleOut', wantsCapacity: true });
  });

  test('a command that nobody started is asked about 30 s after it had to begin', () => {
    const at = after(inFlight.startBy, 30 * secondMs);
    expect(
      decideOn(setting(cpu), known(2, { inFlight }), {}, { now: after(at, -1) }).wantsCapacity,
    ).toBe(at - 1 - now >= minuteMs);
    expect(decideOn(setting(cpu), known(2, { inFlight }), {}, { now: at }).wantsCapacity).toBe(
      true,
    );
  });

  test('says when the same inputs could give another answer', () => {
    const cooling = decideOn(setting(cpu), known(2, actedAgo(4 * minuteMs + 50_000)), { cpu: 80 });
    expect(cooling.dueAt).toBe(after(now, 10_000));
  });

  test('keeps every answer in the trail, in words', () => {
    const { trail, rules } = decideOn(setting(cpu), known(2), { cpu: 83.2 });
    expect(trail).toEqual([
      { step: 'profile', answer: 'default: 1 to 10, default 1' },
      { step: 'metrics', answer: '2 of 2 rules could be read, 1 fired' },
      { step: 'scaleOut', answer: 'fired: cpu 83.2 > 70' },
    ]);
    expect(rules[0]).toMatchObject({ observed: 83.2, fired: true, proposed: 4, cooldownLeftMs: 0 });
  });

  test.each([
    [{ cpu: 'missing', mem: 10 }, 'cannot be read: cpu'],
    [{ cpu: 'missing', mem: '10 partial' }, 'cannot be read: cpu; with gaps: mem'],
    [{ cpu: 10, mem: '10 partial' }, 'with gaps: mem'],
  ] as const)('names what is missing once: %j: %s', (readings, answer) => {
    const rules = [...cpu, rule('mem < 50 in 1')];
    expect(decideOn(setting(rules), known(5), readings).trail.at(-1)).toEqual({
      step: 'scaleIn',
      answer,
    });
  });

  test('says durations as a person would', () => {
    const cooling = decideOn(setting(cpu), known(5, actedAgo(3.5 * minuteMs)), { cpu: 10 });
    expect(cooling.trail.at(-1)?.answer).toBe('cooling for 1 min 30 s more');
    const soon = decideOn(setting(cpu), known(5, actedAgo(4.5 * minuteMs)), { cpu: 80 });
    expect(soon.trail.at(-1)?.answer).toBe('all are cooling, the first for 30.0 s more');
  });

  test('reports the projection where a scale-in was considered', () => {
    const { rules } = decideOn(setting(cpu), known(5), { cpu: 20 });
    expect(rules[0]?.projected).toBe(25);
  });
});

describe('numbers that are none', () => {
  const finite = (verdict: Verdict) =>
    verdict.rules.every(({ projected = 0, proposed = 0 }) =>
      [projected, proposed].every(Number.isFinite),
    );

  test('a scale-in to no instance at all is held without an infinite projection', () => {
    const verdict = decideOn(setting(cpu, { minimum: 0, default: 0 }), known(1), { cpu: 20 });
    expect(said(verdict)).toBe('Hold Flapping');
    expect(finite(verdict)).toBe(true);
  });

  test('nor is one reported where a load of the largest numbers is projected', () => {
    const huge = [rule('cpu < 1 out 1'), rule('cpu > 30 in 1')];
    const verdict = decideOn(setting(huge), known(9), { cpu: Number.MAX_VALUE });
    expect(said(verdict)).toBe('ScaleIn ScaleInRule 9→8');
    expect(finite(verdict)).toBe(true);
  });
});

describe('invariants of decide', () => {
  const value = fc.oneof(
    fc.integer({ min: 0, max: 100 }),
    fc.constant('missing' as const),
    fc.constant('warming' as const),
    fc.constant('20 partial' as const),
  );
  const situation = fc.record({
    minimum: fc.integer({ min: 1, max: 5 }),
    span: fc.integer({ min: 0, max: 10 }),
    at: fc.integer({ min: 0, max: 20 }),
    out: fc.integer({ min: 1, max: 9 }),
    inBy: fc.integer({ min: 1, max: 9 }),
    cpu: value,
    mem: value,
    agoMs: fc.integer({ min: 0, max: 10 * minuteMs }),
  });

  const verdictOf = (s: typeof situation extends fc.Arbitrary<infer T> ? T : never) => {
    const rules = [
      rule(`cpu > 70 out ${s.out}`),
      rule('mem > 80 out 50%', {}, minuteMs),
      rule(`cpu < 40 in ${s.inBy}`),
    ];
    const limits = { minimum: s.minimum, maximum: s.minimum + s.span, default: s.minimum };
    const state = known(s.at, actedAgo(s.agoMs));
    return { verdict: decideOn(setting(rules, limits), state, { cpu: s.cpu, mem: s.mem }), limits };
  };

  test('min ≤ target ≤ max, and an action moves in its direction', () => {
    fc.assert(
      fc.property(situation, (s) => {
        const { verdict, limits } = verdictOf(s);
        if (verdict.outcome === 'Hold') return;
        const to = verdict.capacity.after ?? NaN;
        expect(to).toBeGreaterThanOrEqual(limits.minimum);
        expect(to).toBeLessThanOrEqual(limits.maximum);
        expect(Math.sign(to - s.at)).toBe(verdict.outcome === 'ScaleOut' ? 1 : -1);
      }),
    );
  });

  test('no scale-in by a rule without a complete reading of every rule', () => {
    fc.assert(
      fc.property(situation, (s) => {
        const { verdict } = verdictOf(s);
        if (verdict.outcome !== 'ScaleIn' || verdict.reason === 'AboveMaximum') return;
        expect(typeof s.cpu).toBe('number');
        expect(s.mem === 'missing' || s.mem === 'warming').toBe(false);
      }),
    );
  });

  test('no rule acts inside its cooldown, and no scale-in projects over an out rule', () => {
    fc.assert(
      fc.property(situation, (s) => {
        const { verdict } = verdictOf(s);
        if (verdict.reason === 'ScaleInRule' || verdict.reason === 'FlappingAdjusted') {
          expect(s.agoMs).toBeGreaterThanOrEqual(5 * minuteMs);
          expect(verdict.rules[0]?.projected ?? 0).toBeLessThanOrEqual(70);
          expect(verdict.rules[1]?.projected ?? 0).toBeLessThanOrEqual(80);
        }
        if (verdict.reason === 'ScaleOutRule') expect(s.agoMs).toBeGreaterThanOrEqual(minuteMs);
      }),
    );
  });

  test('the same input gives the same verdict', () => {
    fc.assert(
      fc.property(situation, (s) => {
        expect(verdictOf(s).verdict).toEqual(verdictOf(s).verdict);
      }),
    );
  });

  test('time that has not come yet is no input', () => {
    expect(decideOn(setting(cpu), known(2), { cpu: 50 }, { now: instant(now) }).reason).toBe(
      'NotTriggered',
    );
  });
});
