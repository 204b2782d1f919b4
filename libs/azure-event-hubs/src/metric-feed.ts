import type { Log, MetricFeed, MetricHandler, PartitionLedger } from '@headroom/ports';
import type { HubClient } from './hub-client.ts';
import { runMember } from './member.ts';
import type { MemberTimings } from './member.ts';
import { MetricReader } from './metric-reader.ts';

export interface MetricFeedOptions {
  readonly hub: string;
  readonly consumerGroup: string;
  readonly ledger: PartitionLedger;
  readonly timings?: MemberTimings;
}

/**
 * A message holds about 100 records: 100 of them are 3 MB, decoded in one go without stalling the process for long. With
 * a `prefetch` of several batches most are there already when the SDK asks, and its wait of 20 ms is not paid.
 */
const batchMax = 100;
const prefetch = 1000;

export function createMetricFeed(hub: HubClient, options: MetricFeedOptions, log: Log): MetricFeed {
  return {
    run: async (handler: MetricHandler, signal: AbortSignal) => {
      const { logId } = await hub.identity();
      const { consumerGroup, ledger, timings } = options;
      await runMember(
        {
          ...{ hub, consumerGroup, ledger, timings, batchMax, prefetch, log },
          startAfter: (_partition, checkpoint) => Promise.resolve(checkpoint?.sequence),
          open: (partition) => {
            // A hub made anew counts from 0 again: its creation time keeps its positions apart from the old ones.
            const source = `${logId}:${partition.id}`;
            return Promise.resolve(new MetricReader({ source, partition, handler, signal, log }));
          },
        },
        signal,
      );
    },
  };
}
