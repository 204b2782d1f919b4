import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { after, instant, minuteMs } from '@headroom/core';
import type { Sample } from '@headroom/core';
import { isPublished, notePublished, settle, SlotProgress } from './progress.ts';

const begin = instant(Date.UTC(2026, 0, 5, 12));
const minute = (at: number) => after(begin, at * minuteMs);

function sampleOf(at: number, value: number, instanceId = '0'): Sample {
  const series = {
    resource: '/r',
    metric: 'cpu',
    dimensions: [['instanceId', instanceId]] as const,
  };
  const numbers = { count: 1, total: value, minimum: value, maximum: value };
  return { series, time: minute(at), grainMs: minuteMs, ...numbers };
}

test('knows what it published, until it is settled; through its text too', () => {
  const samples = fc.array(
    fc.tuple(
      fc.integer({ min: 0, max: 12 }),
      fc.integer({ max: 1_000_000 }),
      fc.constantFrom('0', '1'),
    ),
  );
  fc.assert(
    fc.property(samples, fc.integer({ min: 0, max: 12 }), (list, settledAt) => {
      const progress = new SlotProgress();
      const read = progress.begin('key', minuteMs, minute(0));
      for (const [at, value, id] of list) notePublished(read, sampleOf(at, value, id));
      settle(read, minute(settledAt));
      const again = SlotProgress.of(progress.text()).of('key')!;
      expect(again).toEqual(read);
      for (const [at, value, id] of list) {
        expect(isPublished(again, sampleOf(at, value, id))).toBe(at >= settledAt);
        expect(isPublished(again, sampleOf(at, value + 1e9, id))).toBe(false);
      }
    }),
  );
});

test('forgets what nobody asks for', () => {
  const progress = new SlotProgress();
  progress.begin('a', minuteMs, begin);
  progress.begin('b', minuteMs, begin);
  progress.keep(new Set(['b']));
  expect([progress.of('a'), progress.of('b')?.settled]).toEqual([undefined, begin]);
});

test('a text that is none begins anew', () => {
  for (const text of ['', 'x', 'key nonsense ? ?', '{"v":1}']) {
    expect(SlotProgress.of(text).of('key')).toBeUndefined();
  }
});

test('however many series there are, its text fits into a checkpoint', () => {
  const progress = new SlotProgress();
  for (let at = 0; at < 60; at++) {
    const read = progress.begin(`read-${at}`, minuteMs, begin);
    for (let series = 0; series < 1000; series++) {
      notePublished(read, sampleOf(0, series, String(series)));
    }
  }
  const text = progress.text();
  expect(text.length).toBeLessThan(450_000);
  const again = SlotProgress.of(text);
  expect(again.of('read-0')?.published.get(begin)?.size).toBe(1000);
  // Published once more by a successor, and counted once.
  expect(again.of('read-59')).toMatchObject({ settled: begin, published: new Map() });
});
