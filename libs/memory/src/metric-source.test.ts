import { expect, test } from '@jest/globals';
import { after, instant, minuteMs } from '@headroom/core';
import type { Sample } from '@headroom/core';
import type { MetricRead } from '@headroom/ports';
import { MemoryMetricSource } from './metric-source.ts';
import { VirtualClock } from './virtual-clock.ts';

const begin = instant(Date.UTC(2026, 0, 5, 12));
const resource = '/subscriptions/s/providers/x/a';
const minute = (at: number) => after(begin, at * minuteMs);

function sampleOf(at: number, value: number, instanceId?: string): Sample {
  const dimensions = instanceId === undefined ? [] : [['instanceId', instanceId] as const];
  const numbers = { count: 1, total: value, minimum: value, maximum: value };
  const series = { resource, metric: 'cpu', dimensions };
  return { series, time: minute(at), grainMs: minuteMs, ...numbers };
}

function world() {
  const clock = new VirtualClock(begin);
  const source = new MemoryMetricSource({ clock, lagMs: 2 * minuteMs });
  const read = async (over: Partial<MetricRead> = {}) => {
    const place = { subscription: 's', region: 'westeurope', namespace: 'x/a' };
    const asked = { resources: [resource], metrics: ['Cpu'], split: [], grainMs: minuteMs };
    const answer = await source.read({
      ...{ ...place, ...asked, from: begin, to: minute(60) },
      ...over,
    });
    return answer.samples.map(({ time, total, count }) => [
      (time - begin) / minuteMs,
      total,
      count,
    ]);
  };
  return { clock, source, read };
}

test('a grain is shown when its lag has passed, and corrected when a correction is', async () => {
  const { clock, source, read } = world();
  source.put(sampleOf(0, 50));
  source.put(sampleOf(1, 60));
  source.put(sampleOf(0, 55), minute(4));
  await clock.advance(3 * minuteMs);
  expect(await read()).toEqual([[0, 50, 1]]);
  await clock.advance(minuteMs);
  expect(await read()).toEqual([
    [0, 55, 1],
    [1, 60, 1],
  ]);
});

test('over dimensions that are not asked for, and over coarser grains, it is combined', async () => {
  const { clock, source, read } = world();
  for (const at of [0, 1]) {
    source.put(sampleOf(at, 10, 'a'));
    source.put(sampleOf(at, 30, 'b'));
  }
  await clock.advance(10 * minuteMs);
  expect(await read({ split: ['instanceid'] })).toHaveLength(4);
  expect(await read()).toEqual([
    [0, 40, 2],
    [1, 40, 2],
  ]);
  expect(await read({ grainMs: 5 * minuteMs })).toEqual([[0, 80, 4]]);
});

test('what is refused is named; an outage and a failure are unavailable', async () => {
  const { clock, source } = world();
  source.refuse(resource, { why: 'it is gone' });
  const batch = {
    ...{ subscription: 's', region: 'r', namespace: 'x/a', resources: [resource] },
    ...{ metrics: ['Cpu'], split: [], grainMs: minuteMs, from: begin, to: minute(1) },
  };
  const refused = [{ resource, why: 'it is gone' }];
  expect(await source.read(batch)).toEqual({ samples: [], refused, calls: 1 });
  source.fail(7_000);
  await expect(source.read(batch)).rejects.toMatchObject({ retryAfterMs: 7_000 });
  source.outage(minute(1));
  await expect(source.regionsOf([resource])).rejects.toThrow('away');
  await clock.advance(minuteMs);
  source.locate(resource, undefined);
  expect(await source.regionsOf([resource])).toEqual(new Map());
  expect(source.reads).toHaveLength(1);
});
