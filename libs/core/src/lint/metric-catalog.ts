import { hourMs, minuteMs } from '../lang/instant.ts';
import type { Millis } from '../lang/instant.ts';
import { armTypeOf } from '../lang/target.ts';
import type { MetricTrigger } from '../setting/autoscale-setting.ts';
import { anyValue } from './critical-values.ts';
import type { ValueRange } from './critical-values.ts';

/** What Azure Monitor's pages of supported metrics say about a metric. */
export interface KnownMetric {
  readonly name: string;
  readonly unit: 'percent' | 'other';
  /** The finest that Azure Monitor has. */
  readonly grainMs: Millis;
  /** `undefined`: not known here. */
  readonly dimensions: readonly string[] | undefined;
  /** Whether diagnostic settings export it. */
  readonly exported: boolean;
  /** Whether more load makes it larger. */
  readonly isLoad: boolean;
}

export interface KnownResourceType {
  /** As its documentation writes it. */
  readonly name: string;
  /** Whether `metrics` are all that Azure Monitor has of it. */
  readonly complete: boolean;
  readonly metrics: readonly KnownMetric[];
}

/** `undefined`: nothing is known here about the type. */
export function resourceTypeOf(resource: string): KnownResourceType | undefined {
  return resourceTypes.get(armTypeOf(resource));
}

export function knownMetric({ resource, metricName }: MetricTrigger): KnownMetric | undefined {
  return metricOfType(armTypeOf(resource), metricName);
}

export function metricOfType(type: string, metricName: string): KnownMetric | undefined {
  const metrics = resourceTypes.get(type.toLowerCase())?.metrics;
  return metrics?.find(({ name }) => isSame(name, metricName));
}

export function isSame(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase();
}

/** What the value that a rule compares can be. Sums of percentages have no upper bound. */
export function rangeOf(trigger: MetricTrigger): ValueRange {
  const metric = knownMetric(trigger);
  const counts = trigger.statistic === 'Count' || trigger.timeAggregation === 'Count';
  if (metric === undefined) return counts ? { least: 0, most: Infinity } : anyValue;
  const adds = trigger.statistic === 'Sum' || trigger.timeAggregation === 'Total';
  return { least: 0, most: metric.unit === 'percent' && !adds && !counts ? 100 : Infinity };
}

export const deploymentType =
  'Microsoft.MachineLearningServices/workspaces/onlineEndpoints/deployments';
export const endpointType = 'Microsoft.MachineLearningServices/workspaces/onlineEndpoints';
const queueType = 'Microsoft.Storage/storageAccounts/queueServices';

interface Table {
  readonly grainMs: Millis;
  readonly complete: boolean;
  readonly rows: readonly string[];
}

/**
 * `name unit flags dimensions`: E is exported by diagnostic settings, L grows with the load; `?` is not known here.
 */
const tables: Readonly<Record<string, Table>> = {
  [endpointType]: {
    grainMs: minuteMs,
    complete: true,
    rows: [
      'ConnectionsActive other L -',
      'NewConnectionsPerSecond other L -',
      'NetworkBytes other L -',
      ...['', '_P50', '_P90', '_P95', '_P99'].map((p) => `RequestLatency${p} other EL deployment`),
      'RequestsPerMinute other L deployment,statusCode,statusCodeClass,modelStatusCode',
      'DataCollectionErrorsPerMinute other N deployment,reason,type',
      'DataCollectionEventsPerMinute other N deployment,type',
    ],
  },
  [deploymentType]: {
    grainMs: minuteMs,
    complete: true,
    rows: [
      'CpuUtilizationPercentage percent EL instanceId',
      'CpuMemoryUtilizationPercentage percent EL instanceId',
      'DiskUtilization percent EL instanceId,disk',
      'GpuUtilizationPercentage percent EL instanceId',
      'GpuMemoryUtilizationPercentage percent EL instanceId',
      'GpuEnergyJoules other N instanceId',
      'DeploymentCapacity other N instanceId,State',
      ...['_P50', '_P90', '_P95', '_P99'].map((p) => `RequestLatency${p} other EL -`),
      'RequestsPerMinute other L envoy_response_code',
      'DataCollectionErrorsPerMinute other N instanceId,reason,type',
      'DataCollectionEventsPerMinute other N instanceId,type',
    ],
  },
  // Written once an hour, and refreshed more rarely still (Microsoft: monitoring scenarios of Queue Storage).
  [queueType]: {
    grainMs: hourMs,
    complete: false,
    rows: ['QueueCapacity other E ?', 'QueueCount other E ?', 'QueueMessageCount other EL ?'],
  },
};

const resourceTypes: ReadonlyMap<string, KnownResourceType> = new Map(
  Object.entries(tables).map(([name, { grainMs, complete, rows }]) => [
    name.toLowerCase(),
    { name, complete, metrics: rows.map((row) => metricOf(row, grainMs)) },
  ]),
);

function metricOf(row: string, grainMs: Millis): KnownMetric {
  const [name = '', unit, flags = '', dimensions = ''] = row.split(' ');
  return {
    name,
    unit: unit === 'percent' ? 'percent' : 'other',
    grainMs,
    dimensions: dimensionsOf(dimensions),
    exported: flags.includes('E'),
    isLoad: flags.includes('L'),
  };
}

function dimensionsOf(text: string): readonly string[] | undefined {
  if (text === '?') return undefined;
  return text === '-' ? [] : text.split(',');
}
