import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { after, hourMs, minuteMs } from '../lang/instant.ts';
import { decide } from '../decision/decide.ts';
import type { DecideInput } from '../decision/decide-input.ts';
import { known, now, reading, rule, setting } from '../decision/decide.fixture.ts';
import type { Readings } from '../decision/decide.fixture.ts';
import type { TargetState } from '../decision/decision.ts';
import { activeProfile } from '../setting/active-profile.ts';
import type { AutoscaleSetting, CapacityLimits, Rule } from '../setting/autoscale-setting.ts';
import type { Override } from '../setting/override.ts';
import { defaultPolicy } from '../setting/policy.ts';
import type { Flips } from './flip.ts';
import { flipsOf } from './nearest-flip.ts';

interface Case {
  readonly rules: readonly Rule[];
  readonly limits?: Partial<CapacityLimits>;
  readonly state: TargetState;
  readonly readings: Readings;
  readonly over?: Partial<DecideInput>;
}

function inputOf({ rules, limits, state, readings, over }: Case): DecideInput {
  const made = over?.setting ?? setting(rules, limits);
  const at = over?.now ?? now;
  return {
    setting: made,
    policy: defaultPolicy,
    overrides: [],
    active: activeProfile(made, at),
    state,
    read: ({ trigger }) => reading(readings[trigger.metricName]),
    now: at,
    ...over,
  };
}

function flips(given: Case): Flips {
  return flipsOf(inputOf(given));
}

const cpu = [rule('cpu > 70 out 2'), rule('cpu < 30 in 1')];
const acted = (minutesAgo: number): Partial<TargetState> => ({
  lastActionAt: after(now, -minutesAgo * minuteMs),
});

describe('the nearest other value of a metric', () => {
  test.each<[string, Case, object]>([
    [
      'lies just beyond the threshold',
      { rules: cpu, state: known(4), readings: { cpu: 69.8 } },
      { from: 69.8, to: 70.001, becomes: { outcome: 'ScaleOut', count: 6 } },
    ],
    [
      'lies at the threshold where that is inclusive',
      { rules: [rule('cpu >= 70 out 2')], state: known(4), readings: { cpu: 69.8 } },
      { to: 70, becomes: { outcome: 'ScaleOut', count: 6 } },
    ],
    [
      'lies below the threshold of a rule that fired',
      { rules: cpu, state: known(4), readings: { cpu: 84 } },
      { to: 70, becomes: { outcome: 'Hold', reason: 'NotTriggered', count: 4 } },
    ],
    [
      'changes every rule that reads the metric',
      { rules: cpu, state: known(4), readings: { cpu: 40 } },
      { to: 29.9, rules: [0, 1], becomes: { outcome: 'ScaleIn', count: 3 } },
    ],
    [
      'lies where the projection no longer reverses a scale-in',
      {
        rules: [rule('cpu > 70 out 1'), rule('cpu < 60 in 1')],
        state: known(4),
        readings: { cpu: 55 },
      },
      { to: 52.5, becomes: { outcome: 'ScaleIn', reason: 'ScaleInRule', count: 3 } },
    ],
    [
      'is told in the unit of the metric where rules divide it',
      {
        rules: [rule('jobs > 10 out 1', { dividePerInstance: true })],
        state: known(4),
        readings: { jobs: 30 },
      },
      { from: 30, to: 40.1, becomes: { outcome: 'ScaleOut', count: 5 } },
    ],
    [
      'is that of the metric that is relatively nearest',
      {
        rules: [rule('cpu > 70 out 1'), rule('latency > 1000 out 2')],
        state: known(4),
        readings: { cpu: 35, latency: 990 },
      },
      { metric: 'latency', becomes: { outcome: 'ScaleOut', count: 6 } },
    ],
  ])('%s', (_, given, expected) => {
    expect(flips(given).metric).toMatchObject(expected);
  });

  test.each<[string, Case]>([
    [
      'with two rules that must both fire',
      {
        rules: [rule('cpu < 30 in 1'), rule('latency < 10 in 1')],
        state: known(4),
        readings: { cpu: 50, latency: 50 },
      },
    ],
    ['while its data is missing', { rules: cpu, state: known(4), readings: {} }],
    [
      'while nobody asked for it',
      { rules: cpu, state: { capacity: { kind: 'unknown' } }, readings: { cpu: 99 } },
    ],
  ])('is none %s', (_, given) => {
    expect(flips(given).metric).toBeUndefined();
  });
});

describe('the nearest other threshold', () => {
  test.each<[string, Case, object]>([
    [
      'lies just below the value',
      { rules: cpu, state: known(4), readings: { cpu: 69.8 } },
      { rule: 0, from: 70, to: 69.799, becomes: { outcome: 'ScaleOut', count: 6 } },
    ],
    [
      'lies at the projection that reversed a scale-in',
      {
        rules: [rule('cpu > 70 out 1'), rule('cpu < 60 in 1')],
        state: known(4),
        readings: { cpu: 54 },
      },
      { rule: 0, from: 70, to: 72, becomes: { outcome: 'ScaleIn', count: 3 } },
    ],
  ])('%s', (_, given, expected) => {
    expect(flips(given).threshold).toMatchObject(expected);
  });
});

describe('the nearest other time', () => {
  const pause: Override = {
    kind: 'pin',
    to: 4,
    at: after(now, -10 * minuteMs),
    until: after(now, 3 * minuteMs),
    owner: 'ops',
    reason: 'drill',
  };
  const budget = { ...defaultPolicy, flapBudget: 1 };
  test.each<[string, Case, object]>([
    [
      'is the end of a cooldown',
      { rules: cpu, state: known(4, acted(2)), readings: { cpu: 80 } },
      { cause: 'cooldown', byMs: 3 * minuteMs, becomes: { outcome: 'ScaleOut', count: 6 } },
    ],
    [
      'is the last moment of a cooldown that ended',
      { rules: cpu, state: known(4, acted(7)), readings: { cpu: 80 } },
      { cause: 'cooldown', byMs: -2 * minuteMs - 1, becomes: { reason: 'Cooldown' } },
    ],
    [
      'is the slot that gets free in a budget',
      {
        rules: cpu,
        state: known(4, { ...acted(20), recentActions: [after(now, -20 * minuteMs)] }),
        readings: { cpu: 80 },
        over: { policy: budget },
      },
      { cause: 'budget', byMs: hourMs - 20 * minuteMs, becomes: { outcome: 'ScaleOut' } },
    ],
    [
      'is the end of a back-off where the bounds decide',
      {
        rules: cpu,
        limits: { minimum: 2 },
        state: known(1, { backoff: { failures: 2, until: after(now, 9_000) } }),
        readings: {},
      },
      { cause: 'backoff', byMs: 9_000, becomes: { reason: 'BelowMinimum', count: 2 } },
    ],
  ])('%s', (_, given, expected) => {
    expect(flips(given).time).toMatchObject(expected);
  });

  test('is none where what would be decided then needs readings that are not on record', () => {
    const input = inputOf({
      rules: cpu,
      state: known(4),
      readings: { cpu: 90 },
      over: { overrides: [{ ...pause, kind: 'pause' }] },
    });
    const unread = () => {
      throw new Error('not recorded');
    };
    expect(flipsOf({ ...input, read: unread })).toEqual({});
    expect(flipsOf(input).time).toMatchObject({ cause: 'override', byMs: 3 * minuteMs });
  });
});

describe('properties', () => {
  const texts = ['cpu > 70 out 2', 'cpu < 30 in 1', 'cpu >= 55 out 50%', 'cpu < 52 in to 2'];
  const more = ['jobs > 9 out 1', 'jobs < 40 in 1', 'jobs > 20 to 5'];
  const value = fc.oneof(
    fc.double({ min: 0, max: 120, noNaN: true }),
    fc.integer({ min: 0, max: 120 }),
    fc.constantFrom<'missing' | 'warming'>('missing', 'warming'),
  );
  const cases = fc
    .record({
      rules: fc.subarray([...texts, ...more], { minLength: 1 }),
      instances: fc.integer({ min: 0, max: 12 }),
      acted: fc.option(fc.integer({ min: 0, max: 90 }), { nil: undefined }),
      budget: fc.option(fc.integer({ min: 1, max: 3 }), { nil: undefined }),
      cpu: value,
      jobs: value,
      divide: fc.boolean(),
    })
    .map(({ rules, instances, acted: minutes, budget, cpu: first, jobs, divide }): Case => {
      const made = rules.map((text) =>
        rule(text, { dividePerInstance: divide && text.startsWith('jobs') }),
      );
      const state = known(instances, {
        ...(minutes === undefined ? {} : acted(minutes)),
        recentActions: minutes === undefined ? [] : [after(now, -minutes * minuteMs)],
      });
      const policy = { ...defaultPolicy, ...(budget === undefined ? {} : { flapBudget: budget }) };
      return { rules: made, state, readings: { cpu: first, jobs }, over: { policy } };
    });

  const outcome = (input: DecideInput) => {
    const verdict = decide(input);
    return `${verdict.outcome} ${verdict.capacity.after ?? '?'}`;
  };
  const withValue = (given: Case, metric: string, to: number): DecideInput =>
    inputOf({ ...given, readings: { ...given.readings, [metric]: to } });
  const withThreshold = (given: Case, index: number, threshold: number): DecideInput =>
    inputOf({
      ...given,
      rules: given.rules.map((one, place) =>
        place === index ? { ...one, trigger: { ...one.trigger, threshold } } : one,
      ),
    });

  test('what is claimed to flip does', () => {
    fc.assert(
      fc.property(cases, (given) => {
        const before = outcome(inputOf(given));
        const { metric, threshold, time } = flips(given);
        const changed = [
          ...(metric ? [withValue(given, metric.metric, metric.to)] : []),
          ...(threshold ? [withThreshold(given, threshold.rule, threshold.to)] : []),
          ...(time ? [inputOf({ ...given, over: { ...given.over, now: time.at } })] : []),
        ];
        for (const input of changed) expect(outcome(input)).not.toBe(before);
      }),
      { numRuns: 400 },
    );
  });

  test('no nearer value of one metric flips, and none at all where none is told', () => {
    const single = cases.map((given): Case => {
      const first = given.rules[0]?.trigger.metricName ?? '';
      const rules = given.rules.filter(({ trigger }) => trigger.metricName === first);
      return { ...given, rules };
    });
    fc.assert(
      fc.property(single, fc.double({ min: -0.98, max: 0.98, noNaN: true }), (given, part) => {
        const metric = given.rules[0]?.trigger.metricName ?? '';
        const from = given.readings[metric];
        if (typeof from !== 'number') return;
        const before = outcome(inputOf(given));
        const flip = flips(given).metric;
        const reach = flip === undefined ? 1_000 : Math.abs(flip.to - from);
        for (const share of [part, 0.5, -0.5, 0.98, -0.98]) {
          const at = Math.max(0, from + share * reach);
          if (flip === undefined || Math.abs(at - from) > 1e-6) {
            expect(outcome(withValue(given, metric, at))).toBe(before);
          }
        }
      }),
      { numRuns: 400 },
    );
  });

  test('nearest is one of them', () => {
    fc.assert(
      fc.property(cases, (given) => {
        const { metric, threshold, time, nearest } = flips(given);
        expect([metric, threshold, time]).toContain(nearest);
        expect(flipsOf(inputOf(given)).nearest).toEqual(nearest);
      }),
      { numRuns: 50 },
    );
  });
});

test('another profile reads what was read where it asks for the same', () => {
  const night: AutoscaleSetting = setting(cpu);
  const [day] = night.profiles;
  if (day === undefined) throw new Error('the fixture has a profile');
  const until = after(now, 10 * minuteMs);
  const active = { profile: { ...day, name: 'day', rules: [] }, index: 1, until };
  const input = inputOf({ rules: cpu, state: known(4), readings: { cpu: 90 }, over: { active } });
  // The day's profile has no rules: nothing was read that the night's could go on with.
  expect(flipsOf(input)).toEqual({});
  const rules = [...cpu].reverse();
  const reading90 = {
    ...active,
    profile: { ...active.profile, rules, capacity: { ...day.capacity, maximum: 4 } },
  };
  expect(flipsOf({ ...input, active: reading90 }).time).toMatchObject({
    cause: 'profile',
    at: until,
    becomes: { outcome: 'ScaleOut', count: 6 },
  });
});
