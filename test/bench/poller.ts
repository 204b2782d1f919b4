import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { connectCosmos } from '@headroom/azure-cosmos';
import { connectEventHubs } from '@headroom/azure-event-hubs';
import { defaultPolicy, instant, minuteMs, secondMs } from '@headroom/core';
import type { MetricBatch } from '@headroom/ports';
import { startLocalAzure } from '@headroom/local-azure';
import type { LocalAzure } from '@headroom/local-azure';
import { MemoryPartitions } from '@headroom/memory';
import { cosmos, eventHubs } from '@headroom/topology';
import { quietLog } from '../conformance/quiet-log.ts';
import { Service, until } from '../processes/child.ts';
import { armSetting, targetOf } from '../processes/fleet.ts';
import type { Row } from './figures.ts';
import { percentile, round } from './figures.ts';

const targets = 1_000;
const metrics = [
  'CpuUtilizationPercentage',
  'CpuMemoryUtilizationPercentage',
  'GpuUtilizationPercentage',
] as const;
const namespace = 'Microsoft.MachineLearningServices/workspaces/onlineEndpoints/deployments';
/** How late Azure Monitor shows a minute here. */
const lagMs = minuteMs;
const measuredMinutes = 4;
const minuteNow = () => Math.floor(Date.now() / minuteMs);

/**
 * A poller as a process, 1,000 targets with three metrics each in the embedded Azure, minute by minute of real time. How many
 * calls it makes and what it predicted; how long a minute that Azure shows takes to be on the hub; then it is killed with
 * `kill -9` and started again: no minute missing or doubled.
 */
export async function poller(): Promise<readonly Row[]> {
  await using ends = new AsyncDisposableStack();
  const calls = { batch: 0, single: 0 };
  const azure = await open(ends, calls);
  const feeding = feed(azure, ends);
  await applySettings(azure);
  const hub = watchHub(azure, ends);
  let service = ends.adopt(await start(azure), (one) => one.stop());
  // Within every window, however long the first questions take.
  const first = minuteNow() - 5;
  await until(() => Promise.resolve(hub.seriesWith(first)), isAll, 180_000, 500);
  const figures = await measure(service, calls);
  service.kill();
  await wait(20 * secondMs);
  service = ends.adopt(await start(azure), (one) => one.stop());
  const last = minuteNow();
  await until(() => Promise.resolve(hub.seriesWith(last)), isAll, 300_000, 500);
  feeding.stop();
  return rowsOf({
    ...figures,
    ...hub.account(first, last),
    ages: hub.ages(figures.from, figures.until),
  });
}

const isAll = (series: number) => series === targets * metrics.length;

async function open(
  ends: AsyncDisposableStack,
  calls: { batch: number; single: number },
): Promise<LocalAzure> {
  const dataDir = mkdtempSync(join(tmpdir(), 'headroom-poller-'));
  ends.defer(() => rmSync(dataDir, { recursive: true, force: true }));
  const onRequest = ({ path }: { path: string }) => {
    if (path.includes('metrics:getBatch')) calls.batch++;
    else if (path.includes('/Microsoft.Insights/metrics')) calls.single++;
  };
  const azure = ends.adopt(await startLocalAzure({ dataDir, onRequest }), (one) => one.close());
  azure.control.setMetricDelay(lagMs);
  return azure;
}

const start = (azure: LocalAzure) => Service.start('poller', { ...azure.env });

/** Each minute when it is over. */
function feed(azure: LocalAzure, ends: AsyncDisposableStack) {
  let next = minuteNow() - 30;
  const put = () => {
    for (; next < minuteNow(); next++) {
      const numbers = { timeMs: next * minuteMs, count: 60, total: 60 * (next % 100) };
      const samples = Array.from({ length: targets }, (_, index) =>
        metrics.map((metric) => ({
          ...{ resourceId: targetOf(index), namespace, metric, dimensions: {} },
          ...{ ...numbers, minimum: next % 100, maximum: next % 100 },
        })),
      );
      azure.control.putMetrics(samples.flat());
    }
  };
  put();
  const timer = setInterval(put, secondMs);
  const stop = () => clearInterval(timer);
  ends.defer(stop);
  return { stop };
}

async function applySettings(azure: LocalAzure): Promise<void> {
  const { COSMOS_ENDPOINT: endpoint, COSMOS_KEY: key } = azure.env;
  const stores = connectCosmos({ endpoint, key, database: cosmos.database }, quietLog);
  for (let from = 0; from < targets; from += 25) {
    const some = Array.from({ length: 25 }, (_, at) => from + at).map((index) => ({
      ...{ target: targetOf(index), id: `setting-${index}`, expected: 0 },
      ...{ document: armSetting(index, '1', metrics), policy: defaultPolicy, overrides: [] },
    }));
    await Promise.all(some.map((write) => stores.settings.write(write)));
  }
  stores.close();
}

/** Reads the hub as anybody may; of each series and minute, when it came. */
function watchHub(azure: LocalAzure, ends: AsyncDisposableStack) {
  const connectionString = azure.env.EVENTHUBS_CONNECTION_STRING;
  const hubs = connectEventHubs({ connectionString }, quietLog);
  ends.defer(() => hubs.close());
  const ledger = new MemoryPartitions({ now: () => instant(Date.now()) });
  const place = { hub: eventHubs.metrics.name, consumerGroup: '$Default' };
  const came = new Map<number, Map<string, number[]>>();
  const batch = ({ groups }: MetricBatch): Promise<void> => {
    const at = Date.now();
    for (const { sample } of groups.flatMap(({ samples }) => samples)) {
      const series = came.get(sample.time / minuteMs) ?? new Map<string, number[]>();
      const name = `${sample.series.resource} ${sample.series.metric}`;
      series.set(name, [...(series.get(name) ?? []), at]);
      came.set(sample.time / minuteMs, series);
    }
    return Promise.resolve();
  };
  const stopping = new AbortController();
  const ended = hubs
    .metricFeed({ ...place, ledger })
    .run({ wanted: () => true, batch }, stopping.signal);
  ends.defer(async () => {
    stopping.abort();
    await ended;
  });
  const seriesWith = (minute: number) => came.get(minute)?.size ?? 0;
  return {
    seriesWith,
    /** From when Azure showed each minute until it was on the hub. */
    ages: (from: number, to: number) =>
      minutesOf(from, to).flatMap((minute) =>
        [...(came.get(minute)?.values() ?? [])].map(([at = NaN]) => {
          return at - ((minute + 1) * minuteMs + lagMs);
        }),
      ),
    account: (from: number, to: number) => {
      const minutes = minutesOf(from, to);
      const all = minutes.map((minute) => targets * metrics.length - seriesWith(minute));
      const twice = minutes.flatMap((minute) => [...(came.get(minute)?.values() ?? [])]);
      return {
        missing: all.reduce((sum, one) => sum + one, 0),
        doubled: twice.reduce((sum, times) => sum + times.length - 1, 0),
        minutes: minutes.length,
      };
    },
  };
}

const minutesOf = (from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, at) => from + at);

interface Page {
  readonly checks: {
    readonly collector: { readonly estimate: { callsPerMinute: number; costPerMonth: number } };
  };
}

/** Whole minutes of calls, as the server counts them. */
async function measure(service: Service, calls: { batch: number; single: number }) {
  const regions = calls.single;
  await wait(minuteMs - (Date.now() % minuteMs));
  const before = calls.batch;
  const cpu = service.cpuSeconds();
  await wait(measuredMinutes * minuteMs);
  const page = (await service.health()) as unknown as Page;
  return {
    regions,
    predicted: page.checks.collector.estimate.callsPerMinute,
    cost: page.checks.collector.estimate.costPerMonth,
    perMinute: (calls.batch - before) / measuredMinutes,
    cpuPercent: ((service.cpuSeconds() - cpu) * secondMs * 100) / (measuredMinutes * minuteMs),
    /** Minutes that Azure showed, and a round could bring, while it was measured. */
    from: minuteNow() - measuredMinutes - 2,
    until: minuteNow() - 3,
  };
}

type Figures = Awaited<ReturnType<typeof measure>> & {
  readonly ages: readonly number[];
  readonly missing: number;
  readonly doubled: number;
  readonly minutes: number;
};

function rowsOf(figures: Figures): readonly Row[] {
  const { predicted, perMinute, cost, regions, ages, missing, doubled, minutes } = figures;
  const [p50, p99] = [percentile(ages, 0.5), percentile(ages, 0.99)];
  const what = `poller: ${targets} targets × ${metrics.length} metrics`;
  return [
    {
      what: `${what}, calls a minute`,
      measured: round(perMinute, 1),
      beside: `; predicted ${predicted}, $${cost} a month before what is free; ${regions} calls for regions at the start; CPU ${round(figures.cpuPercent, 1)} %`,
      must: 'as predicted',
      reached: Math.abs(perMinute - predicted) <= 0.02 * predicted,
    },
    {
      what: `${what}, from the minute that Azure shows to the hub`,
      measured: `p50 ${round(p50 / secondMs, 1)} s, p99 ${round(p99 / secondMs, 1)} s`,
      beside: ` (${ages.length} minutes of series)`,
      must: 'p99 65 s',
      reached: p99 <= 65 * secondMs,
    },
    {
      what: `${what}, killed and started again`,
      measured: `${missing} missing, ${doubled} doubled`,
      beside: ` (${minutes} minutes of each series)`,
      must: 'none',
      reached: missing === 0 && doubled === 0,
    },
  ];
}
