import { describe, expect, test } from '@jest/globals';
import { instant } from '@headroom/core';
import fc from 'fast-check';
import { envelope, stepsWithin, unbroken } from './point.ts';
import type { Point } from './point.ts';

function line(...values: readonly number[]): readonly Point[] {
  return values.map((value, at) => ({ at: instant(at), value }));
}

function shown(points: readonly Point[]): readonly (readonly [number, number])[] {
  return points.map(({ at, value }) => [at, value]);
}

describe('the envelope of a line', () => {
  const lines = fc.array(fc.integer({ min: 0, max: 50 }), { minLength: 1, maxLength: 400 });

  test('keeps the least and the greatest of each column, in at most three points', () => {
    fc.assert(
      fc.property(lines, fc.integer({ min: 1, max: 20 }), (values, columns) => {
        const points = line(...values);
        const kept = envelope(points, instant(0), instant(values.length), columns);
        const columnOf = ({ at }: Point) => Math.floor((at / values.length) * columns);
        const [all, few] = [Map.groupBy(points, columnOf), Map.groupBy(kept, columnOf)];
        expect([...few.keys()]).toEqual([...all.keys()]);
        for (const [column, own] of all) {
          const left = few.get(column) ?? [];
          expect(left.length).toBeLessThanOrEqual(3);
          const range = (part: readonly Point[]) => {
            const found = part.map(({ value }) => value);
            return [Math.min(...found), Math.max(...found), found.at(-1)];
          };
          expect(range(left)).toEqual(range(own));
        }
      }),
    );
  });

  test('rises in time, and changes nothing of a line with fewer points than columns', () => {
    const points = line(3, 1, 4, 1, 5);
    expect(envelope(points, instant(0), instant(5), 10)).toEqual(points);
    const kept = envelope(line(5, 9, 1, 3), instant(0), instant(4), 1);
    expect(shown(kept)).toEqual([
      [1, 9],
      [2, 1],
      [3, 3],
    ]);
  });

  test('of nothing is nothing', () => {
    expect(envelope([], instant(0), instant(1), 10)).toEqual([]);
  });
});

describe('a line', () => {
  test('breaks where nobody knows what it did', () => {
    const points = [0, 1, 2, 9, 10].map((at) => ({ at: instant(at), value: 1 }));
    expect(unbroken(points, 5).map(({ length }) => length)).toEqual([3, 2]);
  });

  test('of steps begins with what held and ends where one looks away', () => {
    const steps = [0, 10, 20].map((at) => ({ at: instant(at), value: at }));
    expect(shown(stepsWithin(steps, instant(5), instant(15)))).toEqual([
      [5, 0],
      [10, 10],
      [15, 10],
    ]);
    expect(stepsWithin([], instant(5), instant(15))).toEqual([]);
  });
});
