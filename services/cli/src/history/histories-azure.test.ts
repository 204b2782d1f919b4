import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MonitorClient } from '@azure/arm-monitor';
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { after, instant, minuteMs } from '@headroom/core';
import { startLocalAzure, type LocalAzure } from '@headroom/local-azure';
import type { Environment } from '@headroom/runtime';
import type { TargetHistory } from '@headroom/scenario';
import { silentLog } from '../connections.ts';
import { connectSources } from './connect-sources.ts';
import { fetchHistories } from './fetch-histories.ts';
import { dayMs, subscription } from './history.fixture.ts';

/** Starting and stopping on a busy machine. */
const startLimitMs = 30_000;
const group = `/subscriptions/${subscription}/resourceGroups/rg/providers`;
const deployment = `${group}/Microsoft.MachineLearningServices/workspaces/ws/onlineEndpoints/Ep/deployments/Blue`;
const endpoint = deployment.replace('/deployments/Blue', '');
const setting = `${group}/Microsoft.Insights/autoscaleSettings/Cpu`;
const types = {
  deployment: 'Microsoft.MachineLearningServices/workspaces/onlineEndpoints/deployments',
  endpoint: 'Microsoft.MachineLearningServices/workspaces/onlineEndpoints',
  setting: 'Microsoft.Insights/autoscaleSettings',
};
const minute = (time: number) => instant(Math.floor(time / minuteMs) * minuteMs);
const to = minute(Date.now());
const from = after(to, -2 * dayMs);

let folder = '';
let azure: LocalAzure;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'headroom-history-'));
  azure = await startLocalAzure({ dataDir: join(folder, 'azure') });
  await putSetting();
  putMetrics();
  putEvents();
}, startLimitMs);
afterAll(async () => {
  await azure.close();
  await rm(folder, { recursive: true, force: true });
}, startLimitMs);
afterEach(() => azure.control.clearFaults());

async function client(): Promise<MonitorClient> {
  const { ARM_ENDPOINT: address, ARM_TOKEN: token, NODE_EXTRA_CA_CERTS: file } = azure.env;
  const credential = { getToken: () => Promise.resolve({ token, expiresOnTimestamp: 4e12 }) };
  const tlsOptions = { ca: await readFile(file, 'utf8') };
  return new MonitorClient(credential, subscription, { endpoint: address, tlsOptions });
}

async function putSetting(): Promise<void> {
  const trigger = (metricName: string, metricResourceUri: string, dimensions: object[] = []) => ({
    ...{ metricName, metricResourceUri, timeGrain: 'PT1M', timeWindow: 'PT5M', dimensions },
    ...{ statistic: 'Average', timeAggregation: 'Average', operator: 'GreaterThan', threshold: 70 },
  });
  const scaleAction = { direction: 'Increase', type: 'ChangeCount', value: '1', cooldown: 'PT5M' };
  const blue = { dimensionName: 'deployment', operator: 'Equals', values: ['blue'] };
  const rules = [
    { metricTrigger: trigger('CpuUtilizationPercentage', deployment), scaleAction },
    { metricTrigger: trigger('RequestsPerMinute', endpoint, [blue]), scaleAction },
  ];
  const capacity = { minimum: '1', maximum: '9', default: '1' };
  const profiles = [{ name: 'always', capacity, rules }];
  const document = {
    location: 'westeurope',
    enabled: true,
    targetResourceUri: deployment,
    profiles,
  };
  type Document = Parameters<MonitorClient['autoscaleSettings']['createOrUpdate']>[2];
  await (await client()).autoscaleSettings.createOrUpdate('rg', 'Cpu', document as Document);
}

function putMetrics(): void {
  const put = (
    resourceId: string,
    namespace: string,
    metric: string,
    value: (at: number) => number,
    dimensions: Readonly<Record<string, string>> = {},
  ) => {
    const times = Array.from({ length: (to - from) / minuteMs }, (_, n) => from + n * minuteMs);
    azure.control.putMetrics(
      times.map((timeMs, at) => {
        const total = value(at);
        const numbers = { count: 1, total, minimum: total, maximum: total };
        return { resourceId, namespace, metric, dimensions, timeMs, ...numbers };
      }),
    );
  };
  const source = { MetricTriggerSource: deployment };
  put(deployment, types.deployment, 'CpuUtilizationPercentage', (at) => at % 90, {
    instanceId: 'a',
  });
  put(deployment, types.deployment, 'CpuUtilizationPercentage', () => 10, { instanceId: 'b' });
  put(endpoint, types.endpoint, 'RequestsPerMinute', () => 600, { deployment: 'blue' });
  put(endpoint, types.endpoint, 'RequestsPerMinute', () => 900, { deployment: 'green' });
  put(setting, types.setting, 'ObservedCapacity', (at) => (at < 1000 ? 2 : 3));
  put(setting, types.setting, 'ObservedMetricValue', (at) => at % 50, source);
  const rule = { MetricTriggerRule: 'Cpu,GreaterThan,70,PT5M' };
  put(setting, types.setting, 'MetricThreshold', () => 70, rule);
  for (const [ScaleDirection, of] of [
    ['Increase', 995],
    ['Decrease', 1200],
  ] as const) {
    const dimensions = { MetricTriggerSource: deployment, ScaleDirection };
    put(setting, types.setting, 'ScaleActionsInitiated', (at) => Number(at === of), dimensions);
  }
}

function putEvents(): void {
  const counts = { OldInstancesCount: '2', NewInstancesCount: '3' };
  const entry = { resourceId: setting, category: 'Autoscale', status: 'Succeeded' } as const;
  const operation = (name: string) => `Microsoft.Insights/AutoscaleSettings/${name}/Action`;
  azure.control.putActivityEvents([
    {
      ...{ ...entry, timeMs: from + 995 * minuteMs, operationName: operation('Scaleup') },
      ...{ correlationId: 'run', properties: { ResourceName: deployment, ...counts } },
    },
    {
      ...{ ...entry, timeMs: from + 1000.5 * minuteMs, operationName: operation('ScaleupResult') },
      ...{ correlationId: 'run', properties: counts },
    },
  ]);
}

async function fetched(data: string): Promise<TargetHistory> {
  const env: Environment = { ...azure.env };
  const sources = await connectSources(env, silentLog);
  const request = { subscription, data: join(folder, data), from, to };
  const histories = await fetchHistories(request, sources);
  expect(histories).toMatchObject({ settings: 1, unread: [] });
  for await (const history of histories.each) return history;
  throw new Error('there is one');
}

/** Every write that Resource Manager took, as its own log has it. */
async function writes(): Promise<number> {
  const since = new Date(from).toISOString();
  let count = 0;
  for await (const entry of (await client()).activityLogs.list(`eventTimestamp ge '${since}'`)) {
    if (entry.category?.value === 'Administrative') count++;
  }
  return count;
}

test('a history comes whole from Azure through its SDKs, and nothing is written there', async () => {
  const before = await writes();
  const history = await fetched('batch');
  const { samples, capacities, events, observed } = history;
  const of = (metric: string) => samples.filter(({ series }) => series.metric === metric);
  const cpu = of('cpuutilizationpercentage');
  expect(cpu).toHaveLength(2 * 1440);
  expect(cpu[80]).toMatchObject({ count: 2, total: 90, minimum: 10, maximum: 80 });
  const requests = of('requestsperminute');
  expect(requests).toHaveLength(4 * 1440);
  expect(new Set(requests.map(({ series }) => series.dimensions.join()))).toEqual(
    new Set(['deployment,blue', 'deployment,green']),
  );
  expect(capacities).toEqual([
    { at: from, instances: 2 },
    { at: after(from, 1000.5 * minuteMs), instances: 3 },
  ]);
  expect(events.map(({ kind }) => kind)).toEqual(['ScaleStarted', 'ScaleSucceeded']);
  expect(observed[7]).toEqual({ at: after(from, 7 * minuteMs), source: deployment, value: 7 });
  expect(history.thresholds).toEqual([
    { rule: 'Cpu,GreaterThan,70,PT5M', value: 70, from, to: after(to, -minuteMs) },
  ]);
  expect(history.countedActions).toEqual([
    { at: after(from, 995 * minuteMs), direction: 'Increase', count: 1 },
    { at: after(from, 1200 * minuteMs), direction: 'Decrease', count: 1 },
  ]);
  expect(history.gaps).toEqual([]);
  expect(await writes()).toBe(before);
}, 30_000);

test('without the right to the batch it is the same history', async () => {
  const batch = await fetched('batch');
  azure.control.injectFault({ path: '*/metrics:getBatch', status: 403, times: 99 });
  expect(await fetched('single')).toEqual(batch);
}, 30_000);
