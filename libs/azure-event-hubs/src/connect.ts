import type {
  Log,
  MetricFeed,
  SamplePublisher,
  SignalFeed,
  SignalHistory,
  SignalLog,
} from '@headroom/ports';
import { createClients } from './clients.ts';
import type { EventHubsEndpoint } from './clients.ts';
import { HubClient } from './hub-client.ts';
import { createMetricFeed } from './metric-feed.ts';
import type { MetricFeedOptions } from './metric-feed.ts';
import { createMetricPublisher } from './metric-publisher.ts';
import type { MetricPublisher } from './metric-publisher.ts';
import { createSamplePublisher } from './sample-publisher.ts';
import { createSignalFeed } from './signal-feed.ts';
import type { SignalFeedOptions } from './signal-feed.ts';
import { createSignalHistory } from './signal-history.ts';
import { createSignalLog } from './signal-log.ts';

export type { EventHubsEndpoint, MetricPublisher };

/** One namespace. What it makes shares one sending connection a hub; each running feed has a connection of its own. */
export interface EventHubs {
  metricFeed(options: MetricFeedOptions): MetricFeed;
  signalLog(options: { readonly hub: string; readonly partitions: number }): SignalLog;
  signalFeed(options: SignalFeedOptions): SignalFeed;
  signalHistory(hub: string): SignalHistory;
  metricPublisher(hub: string): MetricPublisher;
  samplePublisher(hub: string): SamplePublisher;
  /** Closes the senders. Feeds end by their own signal: abort it, await `run`, then close. */
  close(): Promise<void>;
}

/** Opens nothing yet: the first use of a hub connects. */
export function connectEventHubs(endpoint: EventHubsEndpoint, log: Log): EventHubs {
  const clients = createClients(endpoint);
  const hubs = new Map<string, HubClient>();
  const hubOf = (name: string): HubClient => {
    const hub = hubs.get(name) ?? new HubClient(name, clients);
    hubs.set(name, hub);
    return hub;
  };
  return {
    metricFeed: (options) => createMetricFeed(hubOf(options.hub), options, log),
    signalLog: (options) => createSignalLog(hubOf(options.hub), options.partitions),
    signalFeed: (options) => createSignalFeed(hubOf(options.hub), options, log),
    signalHistory: (hub) => createSignalHistory(hubOf(hub)),
    metricPublisher: (hub) => createMetricPublisher(hubOf(hub)),
    samplePublisher: (hub) => createSamplePublisher(hubOf(hub)),
    close: async () => {
      await Promise.all([...hubs.values()].map((hub) => hub.close()));
    },
  };
}
