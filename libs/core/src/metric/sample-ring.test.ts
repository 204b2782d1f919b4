import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { instant, minuteMs } from '../lang/instant.ts';
import { CellPages } from './cell-pages.ts';
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

  test('12 hours of seconds fit', () => {
    expect(ringSamplesMax).toBeGreaterThan(12 * 60 * 60);
  });

  test.each([
    { name: 'small integers', count: 60, value: 7, bytes: [1, 4] },
    { name: 'larger counts', count: 1_000, value: 7, bytes: [2, 4] },
    { name: 'numbers of requests', count: 1e9, value: 7, bytes: [8, 4] },
    { name: 'fractions', count: 0.1, value: 0.1, bytes: [8, 8] },
  ])('holds $name exactly, in as few bytes as that takes', ({ count, value, bytes }) => {
    const ring = new SampleRing(minuteMs);
    ring.put(sample(1, 1));
    ring.put({ ...sample(2, value), count });
    expect([...ring.columns().counts]).toEqual([1, count]);
    expect([...ring.columns().totals]).toEqual([1, value]);
    expect([ring.dense?.page.countBytes, ring.dense?.page.valueBytes]).toEqual(bytes);
  });

  test('has no cell for each of times that lie far apart, until the time between fills up', () => {
    const ring = new SampleRing(minuteMs);
    ring.put(sample(0, 0));
    ring.put(sample(1_000, 1_000));
    expect(ring.dense).toBeUndefined();
    for (let minute = 1; minute < 1_000; minute++) ring.put(sample(minute, minute));
    expect(ring.dense?.length).toBe(1_001);
    expect(content(ring)).toEqual(Array.from({ length: 1_001 }, (_, i) => [i, i]));
  });

  test('keeps samples beside the grid of the others', () => {
    const ring = new SampleRing(minuteMs);
    for (const minute of [1, 2.5, 2, 0.5]) ring.put(sample(minute, minute));
    expect(content(ring).map(([minute]) => minute)).toEqual([0.5, 1, 2, 2.5]);
  });

  test('takes no more cells than its window needs', () => {
    const ring = new SampleRing(minuteMs);
    for (let minute = 0; minute < 500; minute++) {
      ring.forget(instant((minute - 59) * minuteMs));
      ring.put(sample(minute, minute), 60);
    }
    expect(ring.length).toBe(60);
    expect(ring.dense?.page.capacity).toBe(60);
  });

  test('rings share pages, and give their places back', () => {
    const pages = new CellPages();
    const rings = Array.from({ length: 50 }, (_, i) => {
      const ring = new SampleRing(minuteMs, pages);
      ring.put(sample(i, i + 0.1));
      return ring;
    });
    expect(new Set(rings.map((ring) => ring.dense?.page)).size).toBeLessThan(10);
    rings.forEach((ring, i) => expect(content(ring)).toEqual([[i, i + 0.1]]));
    rings.slice(0, 49).forEach((ring) => ring.release());
    expect(rings[0]?.length).toBe(0);
    const next = new SampleRing(minuteMs, pages);
    next.put(sample(7, 0.7));
    expect(content(next)).toEqual([[7, 0.7]]);
    expect(content(rings[49]!)).toEqual([[49, 49.1]]);
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
