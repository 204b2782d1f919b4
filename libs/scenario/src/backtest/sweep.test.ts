import { describe, expect, test } from '@jest/globals';
import { minuteMs } from '@headroom/core';
import type { BacktestFigures } from './backtested.ts';
import { settingOf } from './recorded-world.fixture.ts';
import { isSwept, paretoFront, sweepPoints, sweepSize } from './sweep.ts';
import type { SweepAxis, SweepValue } from './sweep.ts';

const exactly = (...values: readonly number[]): readonly SweepValue[] =>
  values.map((value) => ({ kind: 'exactly', value }));
const setting = settingOf();

function rulesOf(axes: readonly SweepAxis[]) {
  return sweepPoints(setting, axes).map(({ setting: { profiles } }) =>
    profiles[0]?.rules.map(({ trigger, action }) => [
      trigger.threshold,
      trigger.timeWindowMs / minuteMs,
      action.cooldownMs / minuteMs,
    ]),
  );
}

describe('a sweep', () => {
  test('makes a setting for each combination, the last axis first', () => {
    const axes: readonly SweepAxis[] = [
      { key: 'threshold', rules: 'out', values: exactly(60, 80) },
      { key: 'window', values: exactly(5 * minuteMs, 10 * minuteMs) },
    ];
    expect(sweepSize(axes)).toBe(4);
    expect(rulesOf(axes)).toEqual([
      [
        [60, 5, 5],
        [30, 5, 5],
      ],
      [
        [60, 10, 5],
        [30, 10, 5],
      ],
      [
        [80, 5, 5],
        [30, 5, 5],
      ],
      [
        [80, 10, 5],
        [30, 10, 5],
      ],
    ]);
  });

  test('names rules by direction or index, and values by what there is', () => {
    const times: readonly SweepValue[] = [{ kind: 'times', factor: 1.1 }];
    expect(rulesOf([{ key: 'threshold', values: times }])).toEqual([
      [
        [77, 5, 5],
        [33, 5, 5],
      ],
    ]);
    const cooldown = { key: 'cooldown', values: exactly(minuteMs) } as const;
    expect(rulesOf([{ ...cooldown, rules: 'in' }])).toEqual([
      [
        [70, 5, 5],
        [30, 5, 1],
      ],
    ]);
    expect(rulesOf([{ ...cooldown, rules: 0 }])).toEqual([
      [
        [70, 5, 1],
        [30, 5, 5],
      ],
    ]);
    expect(isSwept(setting, { ...cooldown, rules: 2 })).toBe(false);
  });
});

describe('the front', () => {
  const point = (instanceHours: number, overThresholdMs: number, flaps = 0) => ({
    figures: { instanceHours, overThresholdMs, flaps } as BacktestFigures,
  });

  test('holds those that no other one betters', () => {
    const [a, b, c, d, e] = [
      point(10, 90),
      point(12, 90),
      point(15, 30),
      point(14, 60),
      point(9, 200),
    ];
    expect(paretoFront([a, b, c, d, e])).toEqual([e, a, d, c]);
  });

  test('of equals the one that flaps least', () => {
    expect(paretoFront([point(10, 5, 3), point(10, 5, 1)])).toEqual([point(10, 5, 1)]);
  });
});
