import type { Instant, Millis } from '@headroom/core';
import { durationIso } from '../autoscale-setting/duration.ts';

/** A metric of a resource over one grain, to be sent to the hub `metrics`. */
export interface MetricRecord {
  readonly resource: string;
  /** As Azure spells it. */
  readonly metric: string;
  /** When the grain begins. */
  readonly time: Instant;
  readonly grainMs: Millis;
  readonly count: number;
  readonly total: number;
  readonly minimum: number;
  readonly maximum: number;
  readonly dimensions: Readonly<Record<string, string>>;
}

/** Most bytes of one message: small enough for every tier of Event Hubs, with several in a batch. */
const bodyBytes = 200_000;

/** Bodies of messages `{"records":[…]}` that `decodeMetrics` reads as the same samples. */
export function encodeMetrics(records: readonly MetricRecord[]): Uint8Array[] {
  const bodies: Uint8Array[] = [];
  let texts: string[] = [];
  let bytes = 0;
  const close = () => {
    if (texts.length > 0) bodies.push(Buffer.from(`{"records":[${texts.join(',')}]}`));
    texts = [];
    bytes = 0;
  };
  for (const record of records) {
    const text = JSON.stringify(documentOf(record));
    const length = Buffer.byteLength(text) + 1;
    if (bytes + length > bodyBytes) close();
    texts.push(text);
    bytes += length;
  }
  close();
  return bodies;
}

/** Three digits of a second: seven, with an id in capitals, would say that Azure's export sent it. */
function documentOf({ resource, metric, time, grainMs, dimensions, ...numbers }: MetricRecord) {
  return {
    ...numbers,
    resourceId: resource,
    time: new Date(time).toISOString(),
    metricName: metric,
    timeGrain: durationIso(grainMs),
    ...dimensions,
  };
}
