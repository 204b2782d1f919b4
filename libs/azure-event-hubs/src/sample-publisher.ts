import type { Sample } from '@headroom/core';
import type { SamplePublisher } from '@headroom/ports';
import { encodeMetrics } from '@headroom/wire';
import type { MetricRecord } from '@headroom/wire';
import type { HubClient } from './hub-client.ts';

/** A key is a partition key of Event Hubs: one key's samples are in one partition, in order. */
export function createSamplePublisher(hub: HubClient): SamplePublisher {
  return {
    publish: async (samples, { path, key }) => {
      const bodies = encodeMetrics(samples.map(recordOf));
      const events = bodies.map((body) => ({ body, properties: { path } }));
      await hub.send(events, { partitionKey: key });
    },
  };
}

function recordOf({ series, ...sample }: Sample): MetricRecord {
  const { resource, metric, dimensions } = series;
  return { ...sample, resource, metric, dimensions: Object.fromEntries(dimensions) };
}
