import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { afterEach, describe, expect, test } from '@jest/globals';
import { connectMetrics } from '@headroom/azure-monitor';
import type { MetricsOptions, MonitorOptions } from '@headroom/azure-monitor';
import { instant, minuteMs } from '@headroom/core';
import type { Instant, Millis, Sample } from '@headroom/core';
import type { MetricSample } from '@headroom/local-azure';
import { MemoryMetricSource } from '@headroom/memory';
import { DependencyUnavailable } from '@headroom/ports';
import type { Clock, MetricSource } from '@headroom/ports';
import { useLocalAzure } from './local-azure.ts';
import {
  at,
  cpu,
  metricSourceContract,
  namespace,
  newDeployment,
  readOf,
  sampleOf,
  shown,
  subscription,
} from './metric-source.contract.ts';

const memory = new MemoryMetricSource({ clock: { now: () => instant(Date.now()) }, lagMs: 0 });
metricSourceContract('memory', () => ({
  source: memory,
  put: (samples) => samples.forEach((sample) => memory.put(sample)),
  remove: (resource) => {
    memory.refuse(resource, { why: 'it is gone' });
    memory.locate(resource, undefined);
  },
}));

/** Waits take no time: how long they were to be is written down. */
class NoWait implements Clock {
  readonly waits: Millis[] = [];
  #now = 0;

  now(): Instant {
    return instant(this.#now);
  }
  monotonicMs(): Millis {
    return this.#now;
  }
  wait(ms: Millis): Promise<void> {
    this.waits.push(ms);
    this.#now += ms;
    return Promise.resolve();
  }
}

const azure = useLocalAzure();
const control = () => azure.current().control;
const batchPath = '/subscriptions/*/metrics:getBatch';
afterEach(() => control().clearFaults());

const access = (): MonitorOptions => {
  const { env } = azure.current();
  const ca = readFileSync(env.NODE_EXTRA_CA_CERTS, 'utf8');
  return { endpoint: env.ARM_ENDPOINT, token: env.ARM_TOKEN, ca };
};

interface Connected {
  readonly source: MetricSource;
  readonly clock: NoWait;
  /** What was logged. */
  readonly told: string[];
}

function connect(options: Partial<MetricsOptions> = {}): Connected {
  const clock = new NoWait();
  const told: string[] = [];
  const tell = (event: string) => void told.push(event);
  const log = { info: tell, warn: tell, error: tell };
  return { source: connectMetrics({ ...access(), ...options }, clock, log), clock, told };
}

function put(samples: readonly Sample[], more: Partial<MetricSample> = {}): void {
  const known = new Map([cpu, 'CpuMemoryUtilizationPercentage'].map((n) => [n.toLowerCase(), n]));
  control().putMetrics(
    samples.map(({ series, time, count, total, minimum, maximum }) => ({
      ...{ resourceId: series.resource, namespace, timeMs: time, count, total, minimum, maximum },
      metric: known.get(series.metric) ?? series.metric,
      dimensions: Object.fromEntries(series.dimensions),
      ...more,
    })),
  );
}

/** A deployment with a value in its second minute. */
function deployment(value: number): string {
  const resource = newDeployment();
  put([sampleOf(resource, 1, value)]);
  return resource;
}

metricSourceContract('Azure Monitor', () => ({
  source: connect().source,
  put,
  remove: () => undefined,
}));

describe('waits that Azure asks for', () => {
  test.each([
    [429, 3],
    [529, 1],
    [503, 0],
  ])('HTTP %d: is asked again after %d s', async (status, retryAfterSeconds) => {
    const { source, clock } = connect();
    const blue = deployment(7);
    control().injectFault({ path: batchPath, status, retryAfterSeconds, times: 2 });
    const { samples, calls } = await source.read(readOf([blue]));
    expect(shown(samples)).toEqual(['1: 7']);
    expect(clock.waits).toEqual([retryAfterSeconds * 1000, retryAfterSeconds * 1000]);
    expect(calls).toBe(3);
  });

  test('double where Azure does not say how long', async () => {
    const { source, clock } = connect();
    const blue = deployment(7);
    control().injectFault({ path: batchPath, status: 529, times: 3 });
    expect(shown((await source.read(readOf([blue]))).samples)).toEqual(['1: 7']);
    expect(clock.waits).toEqual([1000, 2000, 4000]);
  });

  test('have a limit, and then say when to come again', async () => {
    const { source, clock } = connect();
    const blue = deployment(7);
    control().injectFault({ path: batchPath, status: 429, retryAfterSeconds: 100, times: 9 });
    const reading = source.read(readOf([blue]));
    await expect(reading).rejects.toThrow(DependencyUnavailable);
    await expect(reading).rejects.toMatchObject({ retryAfterMs: 100_000 });
    expect(clock.waits).toEqual([100_000]);
  });

  test('are left to one who comes again by himself', async () => {
    const { source, clock } = connect({ waitsMaxMs: 5000 });
    const blue = deployment(7);
    control().injectFault({ path: batchPath, status: 429, retryAfterSeconds: 6, times: 1 });
    await expect(source.read(readOf([blue]))).rejects.toMatchObject({ retryAfterMs: 6000 });
    expect(clock.waits).toEqual([]);
    control().injectFault({ path: batchPath, status: 429, retryAfterSeconds: 2, times: 1 });
    expect(shown((await source.read(readOf([blue]))).samples)).toEqual(['1: 7']);
    control().injectFault({ path: '*/metrics', status: 529, times: 9 });
    await expect(source.regionsOf([newDeployment()])).rejects.toThrow(DependencyUnavailable);
    expect(clock.waits).toEqual([2000, 1000, 2000]);
  });

  test('end soon where nobody answers at all', async () => {
    const { source, clock } = connect({ endpoint: 'https://localhost:1' });
    await expect(source.read(readOf([newDeployment()]))).rejects.toThrow(DependencyUnavailable);
    await expect(source.regionsOf([newDeployment()])).rejects.toThrow(DependencyUnavailable);
    expect(clock.waits).toEqual([1000, 1000, 1000]);
  });
});

test('a call has an end where somebody listens who says nothing', async () => {
  const silent = createServer();
  const sockets = new Set<Socket>();
  silent.on('connection', (socket) => sockets.add(socket));
  await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
  const { port } = silent.address() as AddressInfo;
  const { source } = connect({ endpoint: `https://127.0.0.1:${port}`, requestMaxMs: 50 });
  const reading = source.read(readOf([newDeployment()]));
  await expect(reading).rejects.toThrow(DependencyUnavailable);
  await expect(reading).rejects.toThrow(`127.0.0.1:${port} did not answer within`);
  for (const socket of sockets) socket.destroy();
  await new Promise((resolve) => silent.close(resolve));
});

describe('without the right to the batch', () => {
  test.each([401, 403])(
    'HTTP %d: each resource is read by itself from then on, which is told once',
    async (status) => {
      const { source, told } = connect();
      const resources = [deployment(1), deployment(2), deployment(3)];
      control().injectFault({ path: batchPath, status, times: 99 });
      const first = await source.read(readOf(resources));
      expect(shown(first.samples).sort()).toEqual(['1: 1', '1: 2', '1: 3']);
      expect(first.calls).toBe(4);
      const { samples, calls } = await source.read(readOf(resources));
      expect([samples.length, calls]).toEqual([3, 3]);
      expect(told).toEqual(['metrics.batch-refused']);
    },
  );

  test('a host of the batch that does not answer is no obstacle either', async () => {
    const { source, clock, told } = connect({ metricsEndpoint: 'https://localhost:1/{region}' });
    const blue = deployment(5);
    expect(shown((await source.read(readOf([blue]))).samples)).toEqual(['1: 5']);
    expect(told).toEqual(['metrics.batch-unreachable']);
    expect((await source.read(readOf([blue]))).calls).toBe(1);
    await clock.wait(11 * minuteMs);
    expect((await source.read(readOf([blue]))).calls).toBe(3);
  });

  test('a server that has no batch is asked for it once', async () => {
    const { source, told } = connect();
    const resources = [deployment(1), deployment(2), deployment(3)];
    control().injectFault({ path: batchPath, status: 404, message: 'no such path', times: 99 });
    expect((await source.read(readOf(resources))).calls).toBe(4);
    expect((await source.read(readOf(resources))).calls).toBe(3);
    expect(told).toEqual(['metrics.batch-unreachable']);
  });

  test('nobody who is signed in reads nothing', async () => {
    const { source } = connect({ token: 'wrong' });
    await expect(source.read(readOf([deployment(1)]))).rejects.toThrow(/az login/);
  });

  test.each([
    ['whose region is not known', { region: '' }],
    ['whose region is no name of a host', { region: 'evil.example/' }],
    ["of a namespace that is none of the platform's", { namespace: 'Azure.ApplicationInsights' }],
  ])('metrics %s are never asked for there', async (_, more) => {
    const { source } = connect();
    const blue = newDeployment();
    put([sampleOf(blue, 1, 5)], 'namespace' in more ? { namespace: more.namespace } : {});
    control().injectFault({ path: batchPath, status: 500, times: 9 });
    expect(shown((await source.read(readOf([blue], more))).samples)).toEqual(['1: 5']);
  });
});

describe('what Azure refuses', () => {
  test('one of fifty is found in few calls, and left alone for a while', async () => {
    const { source, clock } = connect();
    const resources = Array.from({ length: 49 }, (_, index) => deployment(index));
    const gone = newDeployment();
    resources.splice(20, 0, gone);
    const first = await source.read(readOf(resources));
    expect(first.samples).toHaveLength(49);
    expect(first.refused).toMatchObject([
      { resource: gone, why: expect.stringMatching(/deleted/) },
    ]);
    expect(first.calls).toBeLessThan(16);
    const second = await source.read(readOf(resources));
    expect([second.samples.length, second.refused.length, second.calls]).toEqual([49, 1, 1]);
    put([sampleOf(gone, 1, 1)]);
    await clock.wait(11 * minuteMs);
    expect((await source.read(readOf(resources))).samples).toHaveLength(50);
  });

  test('a metric that there is not hides no other', async () => {
    const { source } = connect();
    const resources = [deployment(1), deployment(2)];
    const read = readOf(resources, { metrics: [cpu, 'Typo'] });
    const { samples, refused } = await source.read(read);
    expect(shown(samples)).toEqual(['1: 1', '1: 2']);
    expect(refused.map(({ resource, metric }) => [resource, metric]).sort()).toEqual(
      resources.map((resource) => [resource, 'Typo']).sort(),
    );
    expect((await source.read(read)).calls).toBe(1);
  });

  test('aggregations that a metric does not have are left out', async () => {
    const { source } = connect();
    const endpoint = newDeployment().replace(/\/deployments\/.*/, `-${Math.random()}`);
    const of = { namespace: namespace.replace('/deployments', '') };
    put([sampleOf(endpoint, 1, 90, [], 'RequestLatency')], of);
    const refusal = {
      status: 400,
      code: 'BadRequest',
      message: 'Aggregation Total is not supported',
    };
    control().injectFault({ ...refusal, path: batchPath });
    control().injectFault({
      ...refusal,
      path: '/subscriptions/*/providers/Microsoft.Insights/metrics',
    });
    const { samples } = await source.read(
      readOf([endpoint], { ...of, metrics: ['RequestLatency'] }),
    );
    expect(samples).toEqual([sampleOf(endpoint, 1, 90, [], 'RequestLatency')]);
  });

  test('a right that is missing for one resource is said, with what to do', async () => {
    const { source } = connect();
    const [blue, green] = [deployment(1), deployment(2)];
    control().injectFault({ path: batchPath, status: 403, times: 9 });
    control().injectFault({ path: `${green}/*`, status: 403 });
    const { samples, refused } = await source.read(readOf([blue, green]));
    expect(shown(samples)).toEqual(['1: 1']);
    expect(refused).toMatchObject([
      { resource: green, why: expect.stringContaining('grant Monitoring Reader') },
    ]);
  });

  test('more series than can be had are refused, not cut', async () => {
    const { source } = connect();
    const blue = newDeployment();
    const names = Array.from({ length: 1001 }, (_, index) => `i${index}`);
    put(names.map((instance) => sampleOf(blue, 1, 1, [['instanceId', instance]])));
    const { samples, refused } = await source.read(
      readOf([blue], { split: ['instanceId'], from: at(0), to: at(5) }),
    );
    expect(samples).toEqual([]);
    expect(refused).toMatchObject([
      { resource: blue, metric: cpu, why: expect.stringMatching(/1000 series or more/) },
    ]);
  });
});

describe('a long time', () => {
  test('comes in pieces that an answer can hold, each grain once', async () => {
    const { source } = connect();
    const resources = Array.from({ length: 50 }, () => newDeployment());
    const minutes = [0, 1999, 2000, 2001, 4319];
    const from = at(-4320);
    for (const resource of resources) {
      put(minutes.map((minute) => sampleOf(resource, minute - 4320, minute)));
    }
    const { samples, calls } = await source.read(readOf(resources, { from, to: at(0) }));
    expect(calls).toBe(3);
    const first = samples.filter(({ series }) => series.resource === resources[0]);
    expect(first.map(({ total }) => total)).toEqual(minutes);
    expect(samples).toHaveLength(250);
  });
});

test('what a region serves is asked for once a resource', async () => {
  const { source } = connect();
  const resources = [deployment(1), deployment(2)];
  const first = await source.regionsOf(resources);
  control().injectFault({ path: `/subscriptions/${subscription}/*`, status: 500, times: 99 });
  expect(await source.regionsOf(resources)).toEqual(first);
  expect(first.size).toBe(2);
});
