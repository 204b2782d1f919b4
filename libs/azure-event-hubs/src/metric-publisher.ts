import type { HubClient } from './hub-client.ts';

/** Sends records to the hub `metrics` as any producer would. */
export interface MetricPublisher {
  /** One event a body, spread over the partitions. `path` says how the data came (`push`, `poll`, `export`). */
  publish(bodies: readonly Uint8Array[], path?: string): Promise<void>;
}

export function createMetricPublisher(hub: HubClient): MetricPublisher {
  return {
    publish: (bodies, path) =>
      hub.send(
        bodies.map((body) => (path === undefined ? { body } : { body, properties: { path } })),
      ),
  };
}
