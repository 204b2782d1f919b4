import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { instant, minuteMs } from '../lang/instant.ts';
import type { Sample } from './sample.ts';
import { ringSamplesMax, SampleRing } from './sample-ring.ts';

const key = { resource: '/r', metric: 'cpu', dimensions: [] };

function sample(minute: number, value: number): Sample {
  const time = instant(minute * minuteMs);
  return {
    series: key,
    time,
    grainMs: minuteMs,
    count: 1,
    total: value,
    minimum: value,
    maximum: value,
  };
}

function content(ring: SampleRing): readonly (readonly [number, number])[] {
  const { times, totals } = ring.columns();
  return [...times].map((time, i) => [time / minuteMs, totals[i] ?? NaN]);
}

describe('SampleRing', () => {
  test('keeps samples in the order of time, a later one of the same time replaces', () => {
    const ring = new SampleRing(minuteMs);
    for (const [minute, value] of [
      [3, 30],
      [1, 10],
      [2, 20],
      [1, 11],
    ] as const) {
      ring.put(sample(minute, value));
    }
    expect(content(ring)).toEqual([
      [1, 11],
      [2, 20],
      [3, 30],
    ]);
  });

  test('forgets what ends at or before an instant', () => {
    const ring = new SampleRing(minuteMs);
    for (let minute = 0; minute < 5; minute++) ring.put(sample(minute, minute));
    ring.forget(instant(2 * minuteMs));
    expect(content(ring).map(([minute]) => minute)).toEqual([2, 3, 4]);
  });

  test('has a limit', () => {
    const ring = new SampleRing(minuteMs);
    for (let minute = 0; minute < ringSamplesMax + 10; minute++) ring.put(sample(minute, 1));
    ring.forget(instant(-1));
    expect(ring.length).toBe(ringSamplesMax);
  });

  test('does not see samples ahead of now', () => {
    const ring = new SampleRing(minuteMs);
    ring.put(sample(1, 1));
    ring.put(sample(9, 1));
    expect(ring.newestEnd(instant(5 * minuteMs))).toBe(2 * minuteMs);
    expect(ring.newestEnd(instant(10 * minuteMs))).toBe(10 * minuteMs);
  });

  test('equals a sorted map, whatever the order of arrival, also through its columns', () => {
    const puts = fc.array(fc.tuple(fc.integer({ min: 0, max: 60 }), fc.integer()), {
      maxLength: 200,
    });
    fc.assert(
      fc.property(puts, fc.integer({ min: 0, max: 60 }), (list, forgetAt) => {
        const ring = new SampleRing(minuteMs);
        const model = new Map<number, number>();
        for (const [minute, value] of list) {
          ring.put(sample(minute, value));
          model.set(minute, value);
        }
        ring.forget(instant(forgetAt * minuteMs));
        const expected = [...model]
          .filter(([minute]) => minute + 1 > forgetAt)
          .sort(([a], [b]) => a - b);
        expect(content(ring)).toEqual(expected);
        expect(content(SampleRing.of(minuteMs, ring.columns()))).toEqual(expected);
      }),
    );
  });
});
