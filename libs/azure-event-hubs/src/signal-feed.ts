import type { ReceivedEventData } from '@azure/event-hubs';
import { instant } from '@headroom/core';
import type { LoggedEvent } from '@headroom/core';
import type {
  Log,
  LogIdentity,
  OpenPartition,
  PartitionLedger,
  PartitionReader,
  SignalFeed,
  SignalLog,
  SnapshotStore,
} from '@headroom/ports';
import { decodeEvent } from '@headroom/wire';
import { bytesOf } from './event-body.ts';
import type { HubClient } from './hub-client.ts';
import { runMember } from './member.ts';
import type { MemberTimings } from './member.ts';
import type { PartitionWork, TakenPartition } from './partition-run.ts';

export interface SignalFeedOptions {
  readonly hub: string;
  readonly consumerGroup: string;
  readonly ledger: PartitionLedger;
  /** Tells from where a partition is read again. */
  readonly snapshots: Pick<SnapshotStore, 'newest'>;
  /** Checks the partition count. */
  readonly log: Pick<SignalLog, 'describe'>;
  readonly timings?: MemberTimings;
}

/** As for `metrics`: small enough to decode in one go, read ahead far enough to re-read a partition at full speed. */
const batchMax = 100;
const prefetch = 1000;

export function createSignalFeed(hub: HubClient, options: SignalFeedOptions, log: Log): SignalFeed {
  const { consumerGroup, ledger, timings, snapshots } = options;
  return {
    run: async (open, signal) => {
      const identity = await options.log.describe();
      await runMember(
        {
          ...{ hub, consumerGroup, ledger, timings, batchMax, prefetch, log },
          startAfter: async (partition, checkpoint) =>
            checkpoint && snapshots.newest(identity, Number(partition), checkpoint.sequence),
          open: async (partition) => workOf(await openReader(hub, identity, partition, open)),
        },
        signal,
      );
    },
  };
}

async function openReader(
  hub: HubClient,
  log: LogIdentity,
  taken: TakenPartition,
  open: OpenPartition,
): Promise<PartitionReader> {
  const partition = Number(taken.id);
  const { first, last } = await hub.range(partition);
  return open({
    log,
    partition,
    ...(taken.checkpoint === undefined ? {} : { checkpoint: taken.checkpoint.sequence }),
    firstSequence: first,
    lastSequence: last,
    // Reading starts from sequence numbers; the offset of this one is not at hand and not needed.
    saveCheckpoint: (sequence) => taken.save({ partition: taken.id, sequence, offset: '' }),
  });
}

function workOf(reader: PartitionReader): PartitionWork {
  return {
    events: (events) => reader.batch(events.map(toLoggedEvent)),
    idle: () => Promise.resolve(),
    close: () => reader.close(),
  };
}

function toLoggedEvent(event: ReceivedEventData): LoggedEvent {
  return {
    sequence: event.sequenceNumber,
    enqueuedAt: instant(event.enqueuedTimeUtc.getTime()),
    event: decodeEvent(bytesOf(event)),
  };
}
