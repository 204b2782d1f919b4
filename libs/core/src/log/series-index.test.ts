import { describe, expect, test } from '@jest/globals';
import { instant, minuteMs } from '../lang/instant.ts';
import type { Sample } from '../metric/sample.ts';
import { SeriesIndex } from './series-index.ts';

const cpu = asked('/r/one', 'cpu', 10);

function asked(resource: string, metric: string, minutes: number, lastGoodMinutes = 0) {
  const windowMs = minutes * minuteMs;
  return { resource, metric, windowMs, lastGoodMs: lastGoodMinutes * minuteMs };
}

function sample(resource: string, metric: string, minute: number): Sample {
  const one = { count: 1, total: 5, minimum: 5, maximum: 5 };
  const series = { resource, metric, dimensions: [] };
  return { series, time: instant(minute * minuteMs), grainMs: minuteMs, ...one };
}

function put(index: SeriesIndex<string>, one: Sample): readonly string[] {
  const readers = index.put(one, 'push', instant(1000 * minuteMs));
  return readers === 'refused' ? ['refused'] : [...readers];
}

describe('the series of a partition', () => {
  test('a sample goes to whoever asks for its metric', () => {
    const index = new SeriesIndex<string>();
    index.ask(cpu, 'a');
    index.ask(cpu, 'b');
    index.ask(cpu, 'a');
    const memory = asked('/r/one', 'memory', 10);
    index.ask(memory, 'c');
    expect(put(index, sample('/r/one', 'cpu', 1))).toEqual(['a', 'b']);
    expect(put(index, sample('/r/one', 'memory', 1))).toEqual(['c']);
    expect(put(index, sample('/r/one', 'disk', 1))).toEqual([]);
    expect(put(index, sample('/r/two', 'cpu', 1))).toEqual([]);
  });

  test('stay the same as long as anybody asks', () => {
    const index = new SeriesIndex<string>();
    const series = index.ask(cpu, 'a');
    put(index, sample('/r/one', 'cpu', 1));
    expect(index.ask(cpu, 'b')).toBe(series);
    index.drop(cpu, 'a');
    expect(index.get(cpu.resource, cpu.metric)).toBe(series);
    expect(series.series).toHaveLength(1);
    index.drop(cpu, 'b');
    expect(index.get(cpu.resource, cpu.metric)).toBeUndefined();
    expect(put(index, sample('/r/one', 'cpu', 2))).toEqual([]);
  });

  test('a sample that nobody asked for is kept as soon as somebody asks', () => {
    const index = new SeriesIndex<string>();
    const one = sample('/r/one', 'cpu', 1);
    expect(put(index, one)).toEqual([]);
    index.ask(cpu, 'a');
    expect(put(index, one)).toEqual(['a']);
    index.drop(cpu, 'a');
    expect(put(index, one)).toEqual([]);
  });

  test('one metric of a resource goes, the others stay', () => {
    const index = new SeriesIndex<string>();
    const metrics = ['cpu', 'memory', 'disk'].map((metric) => asked('/r/one', metric, 10));
    for (const metric of metrics) index.ask(metric, metric.metric);
    index.drop(metrics[1]!, 'memory');
    const kept = metrics.map(({ metric }) => put(index, sample('/r/one', metric, 1)));
    expect(kept).toEqual([['cpu'], [], ['disk']]);
  });

  test('reach back as far as the one who looks furthest', () => {
    const index = new SeriesIndex<string>();
    const reach = (minutes: number, lastGood: number, reader: string) => {
      const { retentionMs, lastGoodMs } = index.ask(
        asked('/r/one', 'cpu', minutes, lastGood),
        reader,
      );
      return [retentionMs / minuteMs, lastGoodMs / minuteMs];
    };
    expect(reach(10, 0, 'a')).toEqual([10, 0]);
    expect(reach(5, 60, 'b')).toEqual([10, 60]);
    expect(reach(30, 0, 'c')).toEqual([30, 60]);
    expect(reach(1, 0, 'c')).toEqual([10, 60]);
    expect(reach(20, 0, 'a')).toEqual([20, 60]);
    index.drop(cpu, 'b');
    expect(index.get(cpu.resource, cpu.metric)).toMatchObject({
      retentionMs: 20 * minuteMs,
      lastGoodMs: 0,
    });
  });

  test('one state is one snapshot, whoever asked first', () => {
    const metrics = [asked('/r/two', 'cpu', 10), cpu, asked('/r/one', 'memory', 10)];
    const build = (order: typeof metrics) => {
      const index = new SeriesIndex<string>();
      for (const metric of order) index.ask(metric, 'a');
      for (const { resource, metric } of order) put(index, sample(resource, metric, 1));
      return index;
    };
    const snapshots = build(metrics).snapshots();
    expect(snapshots.map(({ key }) => `${key.resource} ${key.metric}`)).toEqual([
      '/r/one cpu',
      '/r/one memory',
      '/r/two cpu',
    ]);
    expect(build(metrics.toReversed()).snapshots()).toEqual(snapshots);
    const restored = new SeriesIndex<string>();
    for (const metric of metrics) restored.ask(metric, 'a');
    for (const snapshot of snapshots) restored.restore(snapshot);
    expect(restored.snapshots()).toEqual(snapshots);
  });
});
