import { describe, expect, test } from '@jest/globals';

import { KeyHasher } from '@headroom/core';
import { MetricDecoder } from './decode.ts';
import { member } from './member-name.ts';
import { RecordLayout } from './record-layout.ts';
import { SeriesCache } from './series-cache.ts';
import { SeriesNames } from './series-names.ts';

const record = { time: '2026-11-21T09:03:00Z', timeGrain: 'PT1M', average: 1 };
const all = (): boolean => true;

function keysOf(decoder: MetricDecoder, records: readonly object[]) {
  const bytes = Buffer.from(JSON.stringify(records.map((other) => ({ ...record, ...other }))));
  return decoder.decode(bytes, all).samples.map(({ sample }) => sample.series);
}

describe('series of one decoder', () => {
  test('that come again are the same object', () => {
    const decoder = new MetricDecoder();
    const records = [
      { resourceId: '/A', metricName: 'Cpu' },
      { resourceId: '/A', metricName: 'Cpu', Host: 'h' },
      { resourceId: '/A', metricName: 'Memory' },
    ];
    const first = keysOf(decoder, records);
    const second = keysOf(decoder, records);
    expect(new Set(first).size).toBe(3);
    for (const [at, key] of second.entries()) expect(key).toBe(first[at]);
  });

  test('are told apart by every name, wherever it ends', () => {
    const keys = keysOf(new MetricDecoder(), [
      { resourceId: '/AC', metricName: 'pu' },
      { resourceId: '/A', metricName: 'Cpu' },
      { resourceId: '/A', metricName: 'Cpu', Host: 'ab', Zone: 'c' },
      { resourceId: '/A', metricName: 'Cpu', Host: 'a', Zone: 'bc' },
      { resourceId: '/A', metricName: 'Cpu', Host: '', Zone: 'bc' },
      { resourceId: '/A/', metricName: 'Cpu', unit: 'Percent' },
    ]);
    expect(new Set(keys.slice(0, 5).map((key) => JSON.stringify(key))).size).toBe(5);
    expect(keys[5]).toBe(keys[1]);
  });
});

describe('SeriesCache', () => {
  const text = Buffer.from('/resource-00Cpu');
  const view = new DataView(text.buffer, text.byteOffset, text.length);
  const layout = new RecordLayout();
  layout.put(member.resourceId, 0, 12);
  layout.put(member.metricName, 12, 15);
  layout.resourceEnd = 12;

  /** The series whose resource ends in this number. */
  function named(at: number): SeriesNames {
    text.write(String(at).padStart(2, '0'), 10);
    const names = new SeriesNames();
    names.take(text, layout);
    return names;
  }
  const hashOf = (isAlike: boolean, at: number): KeyHasher =>
    Object.assign(new KeyHasher(), { high: isAlike ? 7 : at * 7919, low: 3 });
  const keyOf = (at: number) => ({ resource: `${at}`, metric: 'cpu', dimensions: [] });

  test.each([false, true])('finds what it keeps, all hashes alike: %p', (isAlike) => {
    const cache = new SeriesCache();
    for (let at = 0; at < 100; at++) {
      cache.keep(text, named(at), hashOf(isAlike, at), keyOf(at));
    }
    for (let at = 0; at < 100; at++) {
      expect(cache.find(view, named(at), hashOf(isAlike, at))).toEqual(keyOf(at));
    }
  });

  test('forgets all of it at its limit', () => {
    const cache = new SeriesCache(10);
    for (let at = 0; at < 11; at++) cache.keep(text, named(at), hashOf(false, at), keyOf(at));
    expect(cache.find(view, named(3), hashOf(false, 3))).toBeUndefined();
    expect(cache.find(view, named(10), hashOf(false, 10))).toEqual(keyOf(10));
  });
});
