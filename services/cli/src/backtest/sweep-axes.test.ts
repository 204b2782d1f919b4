import { describe, expect, test } from '@jest/globals';
import { minuteMs, targetId } from '@headroom/core';
import type { AutoscaleSetting, Rule } from '@headroom/core';
import { sweepPoints } from '@headroom/scenario';
import { parseAxis, sweepAxes } from './sweep-axes.ts';

const target = targetId('/subscriptions/s/resourcegroups/g/providers/p/t/blue');

function rule(direction: Rule['action']['direction'], threshold: number): Rule {
  return {
    trigger: {
      ...{ metricName: 'Cpu', resource: target, timeGrainMs: 5 * minuteMs },
      ...{ statistic: 'Average', timeWindowMs: 10 * minuteMs, timeAggregation: 'Average' },
      operator: direction === 'Increase' ? 'GreaterThan' : 'LessThan',
      ...{ threshold, dimensions: [], dividePerInstance: false },
    },
    action: { direction, type: 'ChangeCount', value: 1, cooldownMs: 5 * minuteMs },
  };
}

const setting: AutoscaleSetting = {
  ...{ name: 'cpu', enabled: true, target },
  profiles: [
    {
      name: 'default',
      capacity: { minimum: 1, maximum: 10, default: 2 },
      rules: [rule('Increase', 70), rule('Decrease', 30)],
    },
  ],
};

function valuesOf(text: string): readonly unknown[] {
  const axis = parseAxis(text);
  if (!axis.ok) throw new Error(axis.error);
  return axis.value.values.map((one) => (one.kind === 'times' ? `x${one.factor}` : one.value));
}

describe('an axis of a sweep', () => {
  test.each([
    ['threshold=60..80:5', [60, 65, 70, 75, 80]],
    ['threshold=0.1..0.3:0.1', [0.1, 0.2, 0.3]],
    ['threshold=60, 70,x1.2', [60, 70, 'x1.2']],
    ['window=PT5M,15m', [5 * minuteMs, 15 * minuteMs]],
    ['Cooldown.in=5m..20m:5m', [5, 10, 15, 20].map((one) => one * minuteMs)],
  ])('%s', (text, values) => {
    expect(valuesOf(text)).toEqual(values);
  });

  test('is of the rules that are named, of a threshold those that scale out', () => {
    const rulesOf = (text: string) => {
      const axis = parseAxis(text);
      return axis.ok ? axis.value.rules : axis.error;
    };
    expect(rulesOf('threshold=60')).toBe('out');
    expect(rulesOf('threshold.in=20')).toBe('in');
    expect(rulesOf('window.1=5m')).toBe(1);
    expect(rulesOf('cooldown=5m')).toBeUndefined();
  });

  test.each([
    ['thresholds=60', 'expected threshold, window, cooldown and its values'],
    ['threshold', 'expected threshold, window, cooldown and its values'],
    ['threshold=60..80', 'a range needs its step: 60..80:5'],
    ['window=5m..20m', 'a range needs its step: 5m..20m:5m'],
    ['threshold=80..60:5', 'a range rises by a step above 0'],
    ['threshold=60..80:0', 'a range rises by a step above 0'],
    ['threshold=a..80:5', '"a" is no value of a threshold: expected a number'],
    ['threshold=', '"" is no value of a threshold'],
    ['threshold=1..1e9:1', 'values are more than 500'],
    ['window=5', '"5" is no value of a window: expected a time: PT5M or 5m'],
    ['window=13h', 'Azure takes a window of 1 minute to 12 hours'],
    ['cooldown=30s', 'Azure takes a cooldown of 1 minute to a week'],
    ['threshold.up=60', '"up" is no choice of rules: write out, in or the index'],
  ])('%s is refused: %s', (text, message) => {
    const axis = parseAxis(text);
    expect(axis.ok ? '' : axis.error).toContain(message);
  });
});

describe('the axes of a sweep', () => {
  test('are thresholds, windows and cooldowns where nobody says which', () => {
    expect(sweepPoints(setting, sweepAxes([], setting))).toHaveLength(45);
  });

  test('and of those what the setting can take', () => {
    const rules = [rule('Decrease', 30)].map(({ trigger, action }) => ({
      action,
      trigger: { ...trigger, timeGrainMs: 15 * minuteMs },
    }));
    const coarse = { ...setting, profiles: [{ ...setting.profiles[0]!, rules }] };
    expect(sweepAxes([], coarse).map(({ key, values }) => [key, values.length])).toEqual([
      ['window', 1],
      ['cooldown', 3],
    ]);
  });

  test.each([
    [
      ['threshold=1..100:1', 'cooldown=1m..10m:1m'],
      '--sweep makes 1000 settings, and 500 is the most',
    ],
    [['window.7=5m'], '--sweep: no rule of the setting is meant by "window.7=5m"'],
    [['window=1m'], 'a window cannot be shorter than the time grain, which is 5 min here'],
    [['window=x0.4'], 'a window cannot be shorter than the time grain, which is 5 min here'],
    [['window=x1000'], '--sweep "window=x1000": Azure takes a window of 1 minute to 12 hours'],
    [['cooldown=x0.01'], '--sweep "cooldown=x0.01": Azure takes a cooldown of 1 minute to a week'],
    [['speed=1'], '--sweep "speed=1": expected threshold'],
  ])('%j is refused: %s', (texts, message) => {
    expect(() => sweepAxes(texts, setting)).toThrow(message);
  });
});
