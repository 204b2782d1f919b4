import { afterEach, beforeEach, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { Sqlite } from '../../sqlite.ts';
import { METRIC_RETENTION_MS, MetricStore, MINUTE_MS } from './metric-store.ts';
import type { MetricSample } from './metric-store.ts';

const NOW = Date.parse('2026-11-21T12:00:00Z');
let sqlite: Sqlite;
let now: number;
let store: MetricStore;

beforeEach(() => {
  now = NOW;
  sqlite = new Sqlite(':memory:', '');
  store = new MetricStore(sqlite, () => now);
});
afterEach(() => sqlite.close());

const sample = (timeMs: number, value: number): MetricSample => ({
  ...{ resourceId: '/R/One', namespace: 'Space', metric: 'Name', dimensions: { b: '2', a: '1' } },
  timeMs,
  ...{ count: 1, total: value, minimum: value, maximum: value },
});

const read = () => {
  const series = store.series('/r/one', 'space', 'name');
  return series.flatMap(({ id }) => store.points(id, NOW - METRIC_RETENTION_MS, now + MINUTE_MS));
};

test('a minute holds the count, total, minimum and maximum of its samples, in whatever order they came', () => {
  const samples = fc.array(fc.tuple(fc.integer({ min: 0, max: 5 * 60 }), fc.integer()), {
    maxLength: 50,
  });
  fc.assert(
    fc.property(samples, (given) => {
      sqlite.exec('DELETE FROM metric_points');
      store.put(given.map(([second, value]) => sample(NOW - second * 1000, value)));
      const minutes = Map.groupBy(given, ([second]) =>
        Math.floor((NOW - second * 1000) / MINUTE_MS),
      );
      const expected = [...minutes]
        .toSorted(([a], [b]) => a - b)
        .map(([minute, all]) => {
          const values = all.map(([, value]) => value);
          return {
            minuteMs: minute * MINUTE_MS,
            count: values.length,
            total: values.reduce((sum, value) => sum + value, 0),
            minimum: Math.min(...values),
            maximum: Math.max(...values),
          };
        });
      expect(read().map((point) => ({ ...point }))).toEqual(expected);
    }),
    { numRuns: 50 },
  );
});

test('a series is the same whatever the case of its names and the order of its dimensions', () => {
  store.put([sample(NOW, 1)]);
  const other = { ...sample(NOW, 3), resourceId: 'r/ONE', dimensions: { a: '1', b: '2' } };
  store.put([{ ...other, namespace: 'SPACE', metric: 'NAME' }]);
  expect(store.series('/r/one')).toHaveLength(1);
  expect(read()).toMatchObject([{ count: 2, total: 4 }]);
});

test('what is older than 93 days goes, with series that are left empty', () => {
  store.put([sample(NOW, 1), sample(NOW - METRIC_RETENTION_MS - 1, 1)]);
  expect(read()).toHaveLength(1);
  now += METRIC_RETENTION_MS + 2 * MINUTE_MS;
  store.put([{ ...sample(now, 1), resourceId: '/r/two' }]);
  expect(store.series('/r/one')).toEqual([]);
  expect(sqlite.all('SELECT * FROM metric_points')).toHaveLength(1);
});

test('a series whose first samples were undone is made anew', () => {
  const broken = { ...sample(NOW, 1), count: Number.NaN };
  expect(() => store.put([sample(NOW, 1), broken])).toThrow();
  expect(read()).toEqual([]);
  store.put([sample(NOW, 2)]);
  expect(read()).toMatchObject([{ count: 1, total: 2 }]);
});

test('a series that was forgotten for its age is made anew', () => {
  store.put([sample(NOW, 1)]);
  now += METRIC_RETENTION_MS + MINUTE_MS;
  store.put([]);
  expect(store.series('/r/one')).toEqual([]);
  store.put([sample(now, 3)]);
  expect(store.series('/r/one')).toHaveLength(1);
});
