import { randomUUID } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { after, hourMs, instant, minuteMs } from '@headroom/core';
import type { Dimensions, Instant, Sample } from '@headroom/core';
import type { MetricRead, MetricSource } from '@headroom/ports';

/** Azure Monitor, or what stands for it. */
export interface MetricWorld {
  readonly source: MetricSource;
  /** Samples of the namespace of `subscription`'s deployments. */
  put(samples: readonly Sample[]): void;
  /** The resource is not there any more. */
  remove(resource: string): void;
}

export const subscription = '11111111-2222-3333-4444-555555555555';
export const namespace = 'Microsoft.MachineLearningServices/workspaces/onlineEndpoints/deployments';
export const cpu = 'CpuUtilizationPercentage';

/** A deployment that no other test knows. */
export function newDeployment(): string {
  const endpoint = `/subscriptions/${subscription}/resourcegroups/rg/providers/microsoft.machinelearningservices/workspaces/ws/onlineendpoints/ep`;
  return `${endpoint}/deployments/d${randomUUID().slice(0, 8)}`;
}

/** The beginning of a full hour, far enough back for everything that a test puts. */
export const start = instant(Math.floor(Date.now() / hourMs) * hourMs - 24 * hourMs);
export const at = (minutes: number): Instant => after(start, minutes * minuteMs);

export function sampleOf(
  resource: string,
  minutes: number,
  value: number,
  dimensions: Dimensions = [],
  metric = cpu,
): Sample {
  const series = { resource, metric: metric.toLowerCase(), dimensions };
  const numbers = { count: 1, total: value, minimum: value, maximum: value };
  return { series, time: at(minutes), grainMs: minuteMs, ...numbers };
}

export function readOf(resources: readonly string[], more: Partial<MetricRead> = {}): MetricRead {
  return {
    ...{ subscription, region: 'local', namespace, resources, metrics: [cpu], split: [] },
    ...{ grainMs: minuteMs, from: at(0), to: at(60), ...more },
  };
}

/** `blue 3 i1: 50` */
export function shown(samples: readonly Sample[]): string[] {
  return samples.map(({ series, time, total }) => {
    const dimensions = series.dimensions.map(([name, value]) => ` ${name}=${value}`).join('');
    return `${(time - start) / minuteMs}${dimensions}: ${total}`;
  });
}

const on = (instance: string): Dimensions => [['instanceId', instance]];

export function metricSourceContract(name: string, world: () => MetricWorld): void {
  const read = (resources: readonly string[], more: Partial<MetricRead> = {}) =>
    world().source.read(readOf(resources, more));

  describe(`MetricSource, ${name}`, () => {
    test('gives the grains that begin in the time that was asked for, rising', async () => {
      const blue = newDeployment();
      world().put([4, 1, 3, 2].map((minute) => sampleOf(blue, minute, minute * 10)));
      const { samples, refused, calls } = await read([blue], { from: at(2), to: at(4) });
      expect(samples).toEqual([sampleOf(blue, 2, 20), sampleOf(blue, 3, 30)]);
      expect(refused).toEqual([]);
      expect(calls).toBeGreaterThan(0);
    });

    test('has no sample where nothing was measured', async () => {
      const blue = newDeployment();
      world().put([sampleOf(blue, 1, 10), sampleOf(blue, 3, 0)]);
      expect(shown((await read([blue])).samples)).toEqual(['1: 10', '3: 0']);
      expect((await read([blue], { from: at(10), to: at(20) })).samples).toEqual([]);
    });

    test('aggregates over the dimensions that are not split', async () => {
      const blue = newDeployment();
      world().put([sampleOf(blue, 1, 30, on('a')), sampleOf(blue, 1, 50, on('b'))]);
      const { samples } = await read([blue]);
      const whole = { count: 2, total: 80, minimum: 30, maximum: 50 };
      expect(samples).toEqual([{ ...sampleOf(blue, 1, 0), ...whole }]);
    });

    test('splits by the dimensions that were asked for, spelt so', async () => {
      const blue = newDeployment();
      world().put([sampleOf(blue, 1, 30, on('a')), sampleOf(blue, 1, 50, on('b'))]);
      const { samples } = await read([blue], { split: ['InstanceID'] });
      expect(shown(samples).sort()).toEqual(['1 InstanceID=a: 30', '1 InstanceID=b: 50']);
    });

    test('gives every series, however many there are', async () => {
      const blue = newDeployment();
      const names = Array.from({ length: 130 }, (_, index) => `i${index}`);
      world().put(names.map((instance) => sampleOf(blue, 1, 1, on(instance))));
      const { samples, refused } = await read([blue], { split: ['instanceId'] });
      expect(refused).toEqual([]);
      expect(new Set(samples.map(({ series }) => series.dimensions[0]?.[1]))).toEqual(
        new Set(names),
      );
    });

    test('gives every series of several metrics', async () => {
      const blue = newDeployment();
      const names = Array.from({ length: 30 }, (_, index) => `i${index}`);
      const metrics = [cpu, 'CpuMemoryUtilizationPercentage'];
      for (const metric of metrics) {
        world().put(names.map((name) => sampleOf(blue, 1, 7, on(name), metric.toLowerCase())));
      }
      for (const round of ['first', 'second']) {
        const { samples, refused } = await read([blue], { metrics, split: ['instanceId'] });
        expect([round, samples.length, refused]).toEqual([round, 60, []]);
      }
    });

    test('makes a coarser grain of the finer ones', async () => {
      const blue = newDeployment();
      world().put([0, 1, 4, 5].map((minute) => sampleOf(blue, minute, minute)));
      const { samples } = await read([blue], { grainMs: 5 * minuteMs });
      expect(samples).toMatchObject([
        { time: at(0), grainMs: 5 * minuteMs, count: 3, total: 5, minimum: 0, maximum: 4 },
        { time: at(5), grainMs: 5 * minuteMs, count: 1, total: 5, minimum: 5, maximum: 5 },
      ]);
    });

    test('reads several resources and metrics in one answer', async () => {
      const [blue, green] = [newDeployment(), newDeployment()];
      const memory = 'CpuMemoryUtilizationPercentage';
      world().put([sampleOf(blue, 1, 1), sampleOf(blue, 1, 2, [], memory), sampleOf(green, 1, 3)]);
      const { samples } = await read([blue, green], { metrics: [cpu, memory] });
      const found = samples.map(({ series, total }) => [series.resource, series.metric, total]);
      expect(found.sort()).toEqual(
        [
          [blue, memory.toLowerCase(), 2],
          [blue, cpu.toLowerCase(), 1],
          [green, cpu.toLowerCase(), 3],
        ].sort(),
      );
    });

    test('a resource that is gone is named, and hides no other', async () => {
      const [blue, gone, green] = [newDeployment(), newDeployment(), newDeployment()];
      world().put([sampleOf(blue, 1, 1), sampleOf(green, 1, 3)]);
      world().remove(gone);
      const { samples, refused } = await read([blue, gone, green]);
      expect(samples.map(({ series }) => series.resource).sort()).toEqual([blue, green].sort());
      expect(refused).toMatchObject([{ resource: gone }]);
      expect(refused[0]?.why).not.toBe('');
    });

    test('knows the region of a resource, and leaves out one that is gone', async () => {
      const [blue, gone] = [newDeployment(), newDeployment()];
      world().put([sampleOf(blue, 1, 1)]);
      world().remove(gone);
      const regions = await world().source.regionsOf([blue, gone, blue]);
      expect([...regions.keys()]).toEqual([blue]);
      expect(regions.get(blue)).toMatch(/^[a-z0-9]+$/);
    });
  });
}
