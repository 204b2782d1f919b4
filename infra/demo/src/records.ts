import type { Instant, Millis } from '@headroom/core';
import { deploymentId, endpointId, type DemoDeployment } from './deployment.ts';
import { instanceCpuPercent, type Load } from './load.ts';

/** A platform metric as Azure's diagnostic settings send it; a dimension is one more key with a string. */
export interface MetricRecord {
  readonly count: number;
  readonly total: number;
  readonly minimum: number;
  readonly maximum: number;
  readonly average: number;
  /** Upper case, as Azure writes it. */
  readonly resourceId: string;
  /** When the grain begins; 7 digits of a second. */
  readonly time: string;
  readonly metricName: string;
  readonly timeGrain: string;
  readonly [dimension: string]: string | number;
}

/** How often the demo pushes, and the grain of what it pushes. */
export const pushGrainMs: Millis = 5000;
const pushGrain = 'PT5S';
/** Readings of one instance in a grain: one a second. */
const readingsPerGrain = pushGrainMs / 1000;

/** The records of the grain that begins at `start`: CPU of each instance, latency and requests of the endpoint. */
export function metricRecords(
  of: DemoDeployment,
  load: Load,
  start: Instant,
): readonly MetricRecord[] {
  return [...cpuRecords(of, load, start), latencyRecord(of, load, start), rate(of, load, start)];
}

/** One message's body: `{"records":[…]}`. */
export function encodeRecords(records: readonly MetricRecord[]): Uint8Array {
  return new TextEncoder().encode(JSON.stringify({ records }));
}

function cpuRecords(of: DemoDeployment, load: Load, start: Instant): MetricRecord[] {
  const grain = Math.floor(start / pushGrainMs);
  return Array.from({ length: load.instances }, (_, instance) => ({
    ...aggregate(instanceCpuPercent(load, instance, grain), readingsPerGrain, 0.96, 1.04),
    ...identity(deploymentId(of), start, 'CpuUtilizationPercentage'),
    instanceId: `${of.deployment}-${String(instance)}`,
  }));
}

function latencyRecord(of: DemoDeployment, load: Load, start: Instant): MetricRecord {
  const requests = Math.max(1, Math.round((load.requestsPerS * pushGrainMs) / 1000));
  return {
    ...aggregate(load.latencyMs, requests, 0.7, 1.9),
    ...identity(endpointId(of), start, 'RequestLatency'),
    deployment: of.deployment,
  };
}

/** No rule of the demo asks for it: most records of a real hub are of this kind, and are dropped. */
function rate(of: DemoDeployment, load: Load, start: Instant): MetricRecord {
  return {
    ...aggregate(load.requestsPerS * 60, 1, 1, 1),
    ...identity(endpointId(of), start, 'RequestsPerMinute'),
    deployment: of.deployment,
  };
}

function aggregate(average: number, count: number, low: number, high: number) {
  const mean = rounded(average);
  return {
    count,
    total: rounded(mean * count),
    minimum: rounded(mean * low),
    maximum: rounded(mean * high),
    average: mean,
  };
}

function identity(resourceId: string, start: Instant, metricName: string) {
  const time = new Date(start).toISOString().replace('Z', '0000Z');
  return { resourceId: resourceId.toUpperCase(), time, metricName, timeGrain: pushGrain };
}

function rounded(value: number): number {
  return Math.round(value * 1000) / 1000;
}
