import type { MonitorClient } from '@azure/arm-monitor';
import type { MetricsClient } from '@azure/monitor-query-metrics';
import { subscriptionOf } from '@headroom/core';
import { clientOptions, credentialOf, kept, metricsEndpointOf, monitorClients } from '../access.ts';
import type { MonitorOptions } from '../access.ts';
import { filterOf, intervalOf } from './metric-query.ts';
import type { AnsweredMetric, MetricQuery } from './metric-query.ts';

/** The calls of the two APIs, each once; what fails throws the SDK's error. */
export interface MetricCalls {
  /** Azure Monitor's batch, at the region's host. */
  batch(region: string, query: MetricQuery): Promise<readonly AnsweredMetric[]>;
  /** Of one resource, at Resource Manager. */
  single(resource: string, query: MetricQuery): Promise<readonly AnsweredMetric[]>;
  /** The region that serves the metrics of a resource; `undefined`: Azure does not say. */
  region(resource: string): Promise<string | undefined>;
  /** What a metric supports. */
  aggregations(resource: string, namespace: string, metric: string): Promise<readonly string[]>;
}

export function metricCalls(options: MonitorOptions): MetricCalls {
  const credential = credentialOf(options);
  const clientOf = monitorClients(options, credential);
  const batchClientOf = kept((region) => connectBatch(region, options, credential));
  return {
    async batch(region, query) {
      const client = await batchClientOf(region);
      return batchOf(client, query);
    },
    single: (resource, query) => singleOf(clientOf(query.subscription), resource, query),
    region: (resource) => regionOf(clientOf(subscriptionOf(resource) ?? ''), resource),
    aggregations: (resource, namespace, metric) =>
      supportedOf(clientOf(subscriptionOf(resource) ?? ''), resource, namespace, metric),
  };
}

/** Loaded when the first batch is asked for: not every command asks for one. */
async function connectBatch(
  region: string,
  options: MonitorOptions,
  credential: ReturnType<typeof credentialOf>,
): Promise<MetricsClient> {
  const { MetricsClient: Client } = await import('@azure/monitor-query-metrics');
  const { endpoint, ...others } = clientOptions(options);
  return new Client(metricsEndpointOf(options, region), credential, {
    // As the SDK has it: the token is one for the cloud's Resource Manager.
    ...(endpoint === undefined ? {} : { audience: endpoint.replace(/\/+$/, '') }),
    ...others,
    retryOptions: { maxRetries: 0 },
  });
}

async function batchOf(client: MetricsClient, query: MetricQuery): Promise<AnsweredMetric[]> {
  const { resources, metrics, namespace, from, to } = query;
  const results = await client.queryResources([...resources], [...metrics], namespace, {
    startTime: new Date(from),
    endTime: new Date(to),
    ...commonOf(query),
  });
  return results.flatMap(({ resourceId = '', metrics: found }) =>
    found.map(({ name, ...metric }) => ({
      ...answeredOf(resourceId, name, metric),
      series: metric.timeseries.map(({ metadatavalues = [], data = [] }) => ({
        dimensions: metadatavalues.map((each) => [each.name ?? '', each.value ?? ''] as const),
        points: data,
      })),
    })),
  );
}

async function singleOf(
  client: MonitorClient,
  resource: string,
  query: MetricQuery,
): Promise<AnsweredMetric[]> {
  const { value } = await client.metrics.list(pathOf(resource), {
    timespan: `${new Date(query.from).toISOString()}/${new Date(query.to).toISOString()}`,
    metricnames: query.metrics.join(','),
    metricnamespace: query.namespace,
    ...commonOf(query),
  });
  return value.map(({ name, ...metric }) => ({
    ...answeredOf(resource, name.value, metric),
    series: metric.timeseries.map(({ metadatavalues = [], data = [] }) => ({
      dimensions: metadatavalues.map((each) => [each.name?.value ?? '', each.value ?? ''] as const),
      points: data,
    })),
  }));
}

function commonOf({ grainMs, aggregations, split, top }: MetricQuery) {
  const filter = filterOf(split);
  return {
    interval: intervalOf(grainMs),
    aggregation: aggregations.join(','),
    ...(filter === undefined ? {} : { filter, top }),
  };
}

interface Told {
  readonly errorCode?: string;
  readonly errorMessage?: string;
}

function answeredOf(resource: string, metric: string, { errorCode, errorMessage }: Told) {
  const failed = errorCode !== undefined && errorCode !== '' && errorCode !== 'Success';
  const error = [errorCode, errorMessage].filter(Boolean).join(': ');
  const id = `/${pathOf(resource)}`.toLowerCase();
  return { resource: id, metric, ...(failed ? { error } : {}) };
}

/** The last hour of the metric that Azure puts first: nothing less is answered with a region. */
async function regionOf(client: MonitorClient, resource: string): Promise<string | undefined> {
  const answer = await client.metrics.list(pathOf(resource));
  // Some answers write it as people do: West Europe.
  return answer.resourceregion?.toLowerCase().replaceAll(' ', '');
}

async function supportedOf(
  client: MonitorClient,
  resource: string,
  metricnamespace: string,
  metric: string,
): Promise<readonly string[]> {
  for await (const found of client.metricDefinitions.list(pathOf(resource), { metricnamespace })) {
    if (found.name?.value.toLowerCase() !== metric.toLowerCase()) continue;
    return (found.supportedAggregationTypes ?? []).filter((name) => name !== 'None');
  }
  return [];
}

/** The SDK puts the slash before it. */
function pathOf(resource: string): string {
  return resource.replace(/^\/+|\/+$/g, '');
}
