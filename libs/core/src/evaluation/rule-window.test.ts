import { describe, expect, test } from '@jest/globals';
import { after, instant, minuteMs, secondMs } from '../lang/instant.ts';
import type { Instant } from '../lang/instant.ts';
import type { IngestPath } from '../metric/sample.ts';
import { rule } from '../decision/decide.fixture.ts';
import type { MetricTrigger } from '../setting/autoscale-setting.ts';
import { MetricSeries, seriesPerMetricMax } from './metric-series.ts';
import { RuleWindow } from './rule-window.ts';

const begin = instant(Date.UTC(2026, 0, 5));
const longAgo = after(begin, -24 * 60 * minuteMs);
const at = (minutes: number): Instant => after(begin, minutes * minuteMs);

interface Line {
  readonly values: readonly (number | undefined)[];
  readonly every?: number;
  readonly path?: IngestPath;
  readonly dimensions?: readonly (readonly [string, string])[];
}

/** One sample a grain from `begin`; `undefined`: no sample. */
function seriesOf(...lines: readonly Line[]): MetricSeries {
  const metric = new MetricSeries('/r', 'cpu');
  metric.retentionMs = 60 * minuteMs;
  for (const { values, every = minuteMs, path = 'push', dimensions = [] } of lines) {
    values.forEach((value, index) => {
      if (value === undefined) return;
      const series = { resource: '/r', metric: 'cpu', dimensions };
      const sample = { series, time: after(begin, index * every), grainMs: every };
      const one = { count: 1, total: value, minimum: value, maximum: value };
      metric.put({ ...sample, ...one }, path, at(30));
    });
  }
  return metric;
}

function readWindow(
  trigger: MetricTrigger,
  metric: MetricSeries,
  askedSince: Instant,
  now: Instant,
  lastGoodMs = 0,
) {
  return new RuleWindow(trigger, metric, askedSince).read(now, lastGoodMs);
}

function trigger(over: Partial<MetricTrigger> = {}): MetricTrigger {
  return rule('cpu > 70 out 1', { timeWindowMs: 5 * minuteMs, ...over }).trigger;
}

describe('a window', () => {
  test('ends at its frontier, not at now', () => {
    const series = seriesOf({ values: [1, 2, 3, 4, 5, 6], path: 'export' });
    const reading = readWindow(trigger(), series, longAgo, at(9));
    expect(reading).toMatchObject({
      kind: 'value',
      completeness: 'complete',
      value: 4,
      samples: 5,
    });
    expect(reading.window).toMatchObject({
      frontier: at(6),
      dataAgeMs: 3 * minuteMs,
      path: 'export',
    });
  });

  test('counts grains back from the frontier, whatever the clock says', () => {
    const series = seriesOf({ values: Array.from({ length: 24 }, () => 50), every: 5 * secondMs });
    const oneMinute = trigger({ timeWindowMs: minuteMs });
    const reading = readWindow(oneMinute, series, longAgo, at(2));
    expect(reading).toMatchObject({ kind: 'value', value: 50, samples: 12 });
  });

  test('does not see a sample before its end', () => {
    const series = seriesOf({ values: [10, 20, 90] });
    const reading = readWindow(trigger({ timeWindowMs: minuteMs }), series, longAgo, at(2.5));
    expect(reading).toMatchObject({ kind: 'value', value: 20 });
  });

  test('names the time when a sample that lies ahead of now ends', () => {
    const series = seriesOf({ values: [10, 20, 90, 90] });
    const early = readWindow(trigger({ timeWindowMs: minuteMs }), series, longAgo, at(2.5));
    expect(early.window.changesAt).toBe(at(3));
    const none = readWindow(trigger(), series, longAgo, at(0.5));
    expect(none).toMatchObject({ kind: 'missing', window: { changesAt: at(1) } });
  });

  test('is partial when grains are absent', () => {
    const series = seriesOf({ values: [10, undefined, 10, undefined, 10] });
    const reading = readWindow(trigger(), series, longAgo, at(5));
    expect(reading).toMatchObject({ kind: 'value', completeness: 'partial', value: 10 });
  });

  test.each([
    { path: 'push', old: minuteMs },
    { path: 'poll', old: 5 * minuteMs },
    { path: 'export', old: 15 * minuteMs },
    { path: 'other', old: 5 * minuteMs },
  ])('is missing when $path data is older than $old ms, or two grains', ({ path, old }) => {
    const values = Array.from({ length: 10 }, () => 10);
    const series = seriesOf({ values, path });
    const limit = Math.max(old, 2 * minuteMs);
    expect(readWindow(trigger(), series, longAgo, after(at(10), limit)).kind).toBe('value');
    const late = readWindow(trigger(), series, longAgo, after(at(10), limit + 1));
    expect(late.kind).toBe('missing');
  });

  test('is warming until it lies after its series were first asked for', () => {
    const since = at(6);
    const none = Array.from({ length: 6 }, () => undefined);
    const series = seriesOf({ values: [...none, 10, 10, 10, 10, 10] });
    expect(readWindow(trigger(), series, since, at(10)).kind).toBe('warming');
    expect(readWindow(trigger(), series, since, at(11)).kind).toBe('value');
  });

  test('is not warming when data of the time before were brought for the whole of it', () => {
    const values = Array.from({ length: 10 }, () => 10);
    const series = seriesOf({ values, path: 'poll' });
    const reading = readWindow(trigger(), series, at(9.5), at(10));
    expect(reading).toMatchObject({ kind: 'value', completeness: 'complete', samples: 5 });
  });

  test.each([
    ['a grain is absent', { values: [10, 10, undefined, 10, 10] }, minuteMs],
    ['they do not reach back to its begin', { values: [undefined, 10, 10, 10, 10] }, minuteMs],
    [
      'finer ones cover a part of its first grain',
      {
        values: Array.from({ length: 30 }, (_, index) => (index < 2 ? undefined : 10)),
        every: 10 * secondMs,
      },
      minuteMs,
    ],
  ])('is warming as long as %s', (_, line: Line, timeGrainMs) => {
    const series = seriesOf({ ...line, path: 'poll' });
    expect(readWindow(trigger({ timeGrainMs }), series, at(4.5), at(5)).kind).toBe('warming');
    expect(readWindow(trigger({ timeGrainMs }), series, longAgo, at(5)).kind).toBe('value');
  });

  test('warming wins over missing until the window and the data’s age have passed', () => {
    const none = readWindow(trigger(), seriesOf(), at(0), after(at(10), -1));
    expect(none).toMatchObject({ kind: 'warming', window: { changesAt: at(10) } });
    expect(readWindow(trigger(), seriesOf(), at(0), at(10)).kind).toBe('missing');
  });

  test('goes on counting as long as the policy lets it, then is missing', () => {
    const series = seriesOf({ values: Array.from({ length: 10 }, () => 10) });
    const lastGoodMs = 30 * minuteMs;
    const read = (now: Instant) => readWindow(trigger(), series, longAgo, now, lastGoodMs);
    expect(read(at(12))).toMatchObject({
      completeness: 'complete',
      window: { changesAt: after(at(12), 1) },
    });
    const kept = { kind: 'value', completeness: 'lastGood', value: 10, samples: 5 };
    const end = after(at(40), 1);
    expect(read(after(at(12), 1))).toMatchObject({ ...kept, window: { changesAt: end } });
    expect(read(at(40))).toMatchObject({ ...kept, window: { dataAgeMs: lastGoodMs } });
    expect(read(end).kind).toBe('missing');
  });

  test('that has never been whole does not go on counting', () => {
    const series = seriesOf({ values: Array.from({ length: 10 }, () => 10) });
    const reading = readWindow(trigger(), series, at(8), at(20), 30 * minuteMs);
    expect(reading.kind).toBe('missing');
  });

  test('keeps its oldest grains while a sample lies ahead of now', () => {
    const series = seriesOf({ values: [1, 2, 3, 4, 5] });
    series.retentionMs = 5 * minuteMs;
    const ahead = { series: { resource: '/r', metric: 'cpu', dimensions: [] }, grainMs: minuteMs };
    const one = { count: 1, total: 9, minimum: 9, maximum: 9 };
    series.put({ ...ahead, ...one, time: at(20) }, 'push', at(6));
    expect(readWindow(trigger(), series, longAgo, at(6))).toMatchObject({
      completeness: 'complete',
      value: 3,
      window: { frontier: at(5) },
    });
  });

  test('does not use samples coarser than its grain', () => {
    const series = seriesOf({ values: [10, 10], every: 5 * minuteMs });
    expect(readWindow(trigger(), series, longAgo, at(10)).kind).toBe('missing');
  });
});

describe('instances that come and go', () => {
  const arrive = (metric: MetricSeries, instance: number, minute: number) => {
    const series = {
      resource: '/r',
      metric: 'cpu',
      dimensions: [['instanceId', `i${instance}`]] as const,
    };
    const value = { count: 1, total: 50, minimum: 50, maximum: 50 };
    const sample = { series, time: at(minute), grainMs: minuteMs, ...value };
    return metric.put(sample, 'push', at(minute + 1));
  };

  test('make room for new ones once no window can reach them', () => {
    const metric = new MetricSeries('/r', 'cpu');
    metric.retentionMs = 5 * minuteMs;
    const days = 3 * 24 * 60;
    const kept = Array.from({ length: days }, (_, minute) => arrive(metric, minute, minute));
    expect(kept).not.toContain(false);
    expect(metric.series.length).toBeLessThan(60);
    const reading = readWindow(trigger(), metric, longAgo, at(days));
    expect(reading).toMatchObject({ kind: 'value', completeness: 'complete', samples: 5 });
  });

  test('and are kept as long as somebody goes on counting them', () => {
    const metric = new MetricSeries('/r', 'cpu');
    metric.retentionMs = 5 * minuteMs;
    metric.lastGoodMs = 60 * minuteMs;
    for (let minute = 0; minute < 5; minute++) arrive(metric, 1, minute);
    arrive(metric, 2, 60);
    const dimensions = [{ name: 'instanceId', operator: 'Equals' as const, values: ['i1'] }];
    const reading = readWindow(trigger({ dimensions }), metric, longAgo, at(61), 60 * minuteMs);
    expect(reading).toMatchObject({ kind: 'value', completeness: 'lastGood', samples: 5 });
    arrive(metric, 3, 80);
    expect(metric.series).toHaveLength(2);
  });

  test('and are refused while all are in use', () => {
    const metric = new MetricSeries('/r', 'cpu');
    metric.retentionMs = 5 * minuteMs;
    for (let i = 0; i < seriesPerMetricMax; i++) expect(arrive(metric, i, 0)).toBe(true);
    expect(arrive(metric, seriesPerMetricMax, 0)).toBe(false);
    expect(metric.series).toHaveLength(seriesPerMetricMax);
  });
});

describe('aggregates', () => {
  const a = { values: [10, 20, 30, 40, 50], dimensions: [['instanceId', 'a']] as const };
  const b = { values: [30, 40, 50, 60, 70], dimensions: [['instanceId', 'b']] as const };

  test.each([
    ['Average', 'Average', 40],
    ['Average', 'Maximum', 60],
    ['Average', 'Minimum', 20],
    ['Average', 'Last', 60],
    ['Sum', 'Average', 80],
    ['Sum', 'Total', 400],
    ['Count', 'Total', 10],
    ['Count', 'Count', 5],
    ['Min', 'Minimum', 10],
    ['Max', 'Maximum', 70],
    ['Max', 'Average', 50],
  ] as const)('%s across instances, %s across grains: %d', (statistic, timeAggregation, value) => {
    const reading = readWindow(
      trigger({ statistic, timeAggregation }),
      seriesOf(a, b),
      longAgo,
      at(5),
    );
    expect(reading).toMatchObject({ kind: 'value', value });
  });

  test('that are no number, for size, are missing', () => {
    const huge = (instance: string) => ({
      values: Array.from({ length: 5 }, () => Number.MAX_VALUE),
      dimensions: [['instanceId', instance]] as const,
    });
    const sum = trigger({ statistic: 'Sum' });
    expect(readWindow(sum, seriesOf(huge('a'), huge('b')), longAgo, at(5)).kind).toBe('missing');
  });

  test('do not depend on the order in which series came', () => {
    const thirds = {
      values: [0.1, 0.2, 0.3, 0.7, 0.9],
      dimensions: [['instanceId', 'c']] as const,
    };
    const one = readWindow(trigger(), seriesOf(a, b, thirds), longAgo, at(5));
    const other = readWindow(trigger(), seriesOf(thirds, b, a), longAgo, at(5));
    expect(one).toEqual(other);
  });

  test.each([
    ['Equals', ['a'], 30],
    ['Equals', ['A', 'z'], 30],
    ['NotEquals', ['a'], 50],
  ] as const)('dimension %s %j', (operator, values, value) => {
    const dimensions = [{ name: 'InstanceId', operator, values }];
    const reading = readWindow(trigger({ dimensions }), seriesOf(a, b), longAgo, at(5));
    expect(reading).toMatchObject({ kind: 'value', value });
  });

  test('a dimension that a series lacks never equals and always differs', () => {
    const plain = seriesOf({ values: [1, 1, 1, 1, 1] });
    const by = (operator: 'Equals' | 'NotEquals') =>
      readWindow(
        trigger({ dimensions: [{ name: 'x', operator, values: ['a'] }] }),
        plain,
        longAgo,
        at(5),
      );
    expect(by('Equals').kind).toBe('missing');
    expect(by('NotEquals').kind).toBe('value');
  });
});
