import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { holds } from '../decision/rule-view.ts';
import { operators } from '../setting/autoscale-setting.ts';
import { anyValue, criticalValues, tidyBetween } from './critical-values.ts';

describe('a tidy value between two', () => {
  test.each([
    [40, 60, 50],
    [70, 100, 90],
    [0, 1, 0.5],
    [53.333, 60, 55],
    [0.001, 0.002, 0.0015],
  ])('of %d and %d is %d', (low, high, expected) => {
    expect(tidyBetween(low, high)).toBe(expected);
  });

  test('lies between them', () => {
    const places = fc.tuple(
      fc.integer({ min: -9999, max: 9999 }),
      fc.integer({ min: 1, max: 999 }),
    );
    fc.assert(
      fc.property(places, ([low, width]) => {
        const found = tidyBetween(low / 100, (low + width) / 100);
        expect(found).toBeGreaterThan(low / 100);
        expect(found).toBeLessThan((low + width) / 100);
      }),
    );
  });
});

test('what comparisons say of any value they say of a critical one', () => {
  const comparison = fc.record({
    operator: fc.constantFrom(...operators),
    threshold: fc.integer({ min: -5, max: 5 }),
  });
  fc.assert(
    fc.property(
      fc.array(comparison, { minLength: 1, maxLength: 4 }),
      fc.double({ noNaN: true }),
      (list, value) => {
        const said = (at: number) =>
          list.map((one) => holds(one.operator, at, one.threshold)).join();
        const critical = criticalValues(
          list.map(({ threshold }) => threshold),
          anyValue,
        );
        expect(critical.map(said)).toContain(said(value));
      },
    ),
  );
});

test('none lies outside the range', () => {
  expect(criticalValues([70, 130], { least: 0, most: 100 })).toEqual([0, 50, 70, 90, 100]);
});
