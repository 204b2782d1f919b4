import type { Checkpoint, CheckpointStore, PartitionOwnership } from '@azure/event-hubs';
import type { FeedGroup, Ownership, PartitionLedger } from '@headroom/ports';

export interface OwnershipOptions {
  readonly member: string;
  readonly group: FeedGroup;
  readonly ledger: PartitionLedger;
  /** Whether this member is reading the partition. */
  isReading(partition: string): boolean;
  /** The ledger says that another member owns it. */
  lost(partition: string): void;
  /** This member has won it and does not read it yet: awaited before the SDK asks where to start. */
  won(partition: string): Promise<void>;
  isStopping(): boolean;
}

/**
 * The SDK's view of the ledger, by the order in which its balancing loop calls: `listOwnership`, then for each partition
 * that it wants or renews `claimOwnership` and, where no pump runs, `listCheckpoints`.
 *
 * Checkpoints are not given here: the SDK would start from their offset, and a reader starts from a snapshot's sequence
 * number. `won` puts that into the start positions instead.
 */
export function createCheckpointStore(options: OwnershipOptions): CheckpointStore {
  const { group, ledger } = options;
  return {
    listOwnership: async (host) => {
      const found = await ledger.ownerships(group);
      return found.map((ownership) => toSdk(host, group, reported(ownership, options)));
    },
    claimOwnership: async (wanted) => {
      const won = await ledger.claim(group, wanted.map(fromSdk));
      for (const { partition, owner } of won) {
        if (owner === options.member && !options.isReading(partition)) await options.won(partition);
      }
      const host = wanted[0]?.fullyQualifiedNamespace ?? '';
      return won.map((ownership) => toSdk(host, group, ownership));
    },
    updateCheckpoint: async (checkpoint: Checkpoint) => {
      const { partitionId, sequenceNumber, offset } = checkpoint;
      await ledger.save(group, { partition: partitionId, sequence: sequenceNumber, offset });
    },
    listCheckpoints: () => Promise.resolve([]),
  };
}

/**
 * A partition of ours whose pump has closed is reported as given up, so that it is opened again in the next round. As
 * ours it would wait until its ownership expires: the SDK believes that what it owns is being read.
 */
function reported(ownership: Ownership, options: OwnershipOptions): Ownership {
  const { partition, owner } = ownership;
  const mine = owner === options.member;
  if (!mine && owner !== '' && options.isReading(partition)) options.lost(partition);
  const closed = mine && !options.isStopping() && !options.isReading(partition);
  return closed ? { ...ownership, owner: '' } : ownership;
}

function toSdk(host: string, group: FeedGroup, ownership: Ownership): PartitionOwnership {
  const { partition, owner, etag, modifiedAtMs } = ownership;
  return {
    fullyQualifiedNamespace: host,
    eventHubName: group.hub,
    consumerGroup: group.consumerGroup,
    partitionId: partition,
    ownerId: owner,
    ...(etag === undefined ? {} : { etag }),
    ...(modifiedAtMs === undefined ? {} : { lastModifiedTimeInMs: modifiedAtMs }),
  };
}

function fromSdk(ownership: PartitionOwnership): Ownership {
  const { partitionId: partition, ownerId: owner, etag } = ownership;
  return { partition, owner, ...(etag === undefined ? {} : { etag }) };
}
