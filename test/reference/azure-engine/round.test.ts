import { describe, expect, test } from '@jest/globals';
import { minuteMs } from '../durations.ts';
import type { ArmRule } from './arm-setting.ts';
import { profile, rule } from './fleet-rules.ts';
import type { RuleChoice } from './fleet-rules.ts';
import type { Situation } from './round.ts';
import { decideRound, usualHabits } from './round.ts';

const cpu = { metricName: 'CpuUtilizationPercentage', metricResourceUri: '/a' };
const requests = { metricName: 'RequestsPerMinute', metricResourceUri: '/a' };
const on = (
  when: RuleChoice['when'],
  test: RuleChoice['test'],
  change: string,
  cooldown = 'PT5M',
) => rule({ when, test, change, cooldown });

/** A round at `capacity` between 1 and 10 (default 2), where each metric reads what is given. */
function roundOf(
  rules: readonly ArmRule[],
  capacity: number,
  values: Readonly<Record<string, number>>,
  more: Partial<Situation> & { maximum?: number } = {},
) {
  return decideRound({
    now: 100 * minuteMs,
    profile: profile('default', [1, more.maximum ?? 10, 2], rules),
    capacity,
    lastAction: undefined,
    habits: usualHabits,
    read: ({ metricTrigger }) => values[metricTrigger.metricName],
    ...more,
  });
}

describe('scale-out', () => {
  const rules = [on(cpu, ['>', 70], '+3'), on(requests, ['>', 100], '+5')];

  test('any rule suffices; of several the highest count wins', () => {
    expect(roundOf(rules, 2, { ...all(80, 200) })).toMatchObject({ to: 7, why: 'out' });
    expect(roundOf(rules, 2, { ...all(80, 0) })).toMatchObject({ to: 5 });
    expect(roundOf(rules, 2, { ...all(70, 100) })).toMatchObject({ kind: 'none' });
  });

  test('never beyond the maximum', () => {
    expect(roundOf(rules, 8, all(80, 200))).toMatchObject({ to: 10 });
    expect(roundOf(rules, 10, all(80, 200))).toMatchObject({ kind: 'none' });
  });

  test('15 % of 10 is one instance more, 40 % four', () => {
    const maximum = 20;
    expect(roundOf([on(cpu, ['>', 70], '+15%')], 10, all(80), { maximum })).toMatchObject({
      to: 11,
    });
    expect(roundOf([on(cpu, ['>', 70], '+40%')], 10, all(80), { maximum })).toMatchObject({
      to: 14,
    });
  });

  test('to an exact count, never down to it', () => {
    const exact = [on(cpu, ['>', 70], '+=6')];
    expect(roundOf(exact, 2, all(80))).toMatchObject({ to: 6 });
    expect(roundOf(exact, 7, all(80))).toMatchObject({ kind: 'none' });
  });
});

describe('scale-in', () => {
  test('all rules have to fire; as little as possible: 50 % leaves 5 of 10, three less leave 7', () => {
    const rules = [on(cpu, ['<', 30], '-50%'), on(requests, ['<', 100], '-3')];
    expect(roundOf(rules, 10, all(20, 50))).toMatchObject({ to: 7, why: 'in' });
    expect(roundOf(rules, 10, all(20, 100))).toMatchObject({ kind: 'none' });
  });

  test('not while an out rule fires, and not below the minimum', () => {
    const rules = [on(requests, ['>', 100], '+1'), on(cpu, ['<', 30], '-1')];
    expect(roundOf(rules, 3, all(20, 200))).toMatchObject({ to: 4 });
    expect(roundOf(rules, 1, all(20, 0))).toMatchObject({ kind: 'none' });
  });
});

describe('flapping', () => {
  const perInstance = { ...requests, dividePerInstance: true };

  test.each([
    // 575 × 3 / 2 = 862.5, 60 × 3 / 2 = 90, 50 × 3 / 2 = 75.
    ['575 of a threshold of 600', 600, 600, 575, { kind: 'flapping', intended: 2 }],
    ['60 of a threshold of 80', 80, 62, 60, { kind: 'flapping', intended: 2 }],
    ['50 of a threshold of 80', 80, 60, 50, { kind: 'scale', to: 2 }],
  ])('from 3 to 2 at %s', (_, out, below, value, expected) => {
    const rules = [on(cpu, ['>=', out], '+1'), on(cpu, ['<', below], '-1')];
    expect(roundOf(rules, 3, all(value))).toMatchObject(expected);
  });

  test('the next higher count that is safe: 30 at 65 % to 20, 72.2 % at 27, 69.6 % at 28', () => {
    const rules = [on(cpu, ['>', 70], '+5'), on(cpu, ['<', 66], '-10')];
    const verdict = roundOf(rules, 30, all(65), { maximum: 40 });
    expect(verdict).toMatchObject({ to: 28, intended: 20 });
  });

  test('metrics of other out rules count as well, and what is divided by instances', () => {
    const rules = [on(perInstance, ['>', 50], '+1'), on(cpu, ['<', 30], '-1')];
    // 120 / 3 = 40 an instance; 60 with two.
    expect(roundOf(rules, 3, all(20, 120))).toMatchObject({ kind: 'flapping' });
    expect(roundOf(rules, 3, all(20, 90))).toMatchObject({ kind: 'scale', to: 2 });
  });
});

describe('bounds and missing metrics', () => {
  const rules = [on(cpu, ['>', 70], '+1'), on(cpu, ['<', 30], '-1')];

  test('a count outside is brought in, whatever the cooldown', () => {
    const lastAction = { at: 100 * minuteMs };
    expect(roundOf(rules, 12, all(50), { lastAction })).toMatchObject({ to: 10, why: 'bounds' });
    expect(roundOf(rules, 0, all(50), { lastAction })).toMatchObject({ to: 1, why: 'bounds' });
  });

  test('without its metric it goes up to the default, never down, and not in', () => {
    expect(roundOf(rules, 1, {})).toMatchObject({ to: 2, why: 'default' });
    expect(roundOf(rules, 2, {})).toEqual({ kind: 'none', unreadable: true });
    expect(roundOf(rules, 5, {})).toEqual({ kind: 'none', unreadable: true });
  });
});

describe('cooldown: out 60 min, in 40 min; in at 13:00, load at 13:20', () => {
  const rules = [on(cpu, ['>', 70], '+1', 'PT1H'), on(cpu, ['<', 30], '-1', 'PT40M')];
  const clock = (hour: number, minute: number): number => (hour * 60 + minute) * minuteMs;
  const lastAction = { at: clock(13, 0), cooldownMs: 40 * minuteMs };

  test.each([
    ['the rule that fired last: 13:40', 'lastFired', clock(13, 40)],
    ['the candidate: 14:00', 'candidate', clock(14, 0)],
  ] as const)('by %s', (_, cooldownOf, free) => {
    const at = (now: number) =>
      roundOf(rules, 2, all(90), { now, lastAction, habits: { ...usualHabits, cooldownOf } });
    expect(at(free - 1)).toMatchObject({ kind: 'none' });
    expect(at(free)).toMatchObject({ kind: 'scale', to: 3 });
  });
});

function all(cpuValue: number, requestsValue = 0): Readonly<Record<string, number>> {
  return { CpuUtilizationPercentage: cpuValue, RequestsPerMinute: requestsValue };
}
