import { describe, expect, test } from '@jest/globals';
import type { Ownership, PartitionLedger } from '@headroom/ports';
import { createCheckpointStore } from './ownership.ts';
import type { OwnershipOptions } from './ownership.ts';

const group = { hub: 'metrics@1', consumerGroup: 'router' };

function ledgerOf(...ownerships: readonly Ownership[]): PartitionLedger {
  return {
    ownerships: () => Promise.resolve(ownerships),
    claim: (_group, wanted) => Promise.resolve(wanted.map((one) => ({ ...one, etag: 'new' }))),
    checkpoints: () => Promise.resolve([{ partition: '0', sequence: 7, offset: '70' }]),
    save: () => Promise.resolve('saved'),
  };
}

function options(change: Partial<OwnershipOptions>): OwnershipOptions {
  return {
    ...{ member: 'me', group, ledger: ledgerOf() },
    isReading: () => false,
    lost: () => undefined,
    won: () => Promise.resolve(),
    isStopping: () => false,
    ...change,
  };
}

function owned(owner: string): Ownership {
  return { partition: '0', owner, etag: 'e', modifiedAtMs: 5 };
}

async function ownersSeen(change: Partial<OwnershipOptions>): Promise<readonly string[]> {
  const store = createCheckpointStore(options(change));
  const found = await store.listOwnership('host', 'metrics', 'router');
  return found.map(({ ownerId }) => ownerId);
}

describe("the SDK's view of who owns what", () => {
  test.each([
    ['a partition of ours that is read', 'me', true, false, 'me'],
    ['one of ours that is closed: open to be claimed', 'me', false, false, ''],
    ['one of ours that is closed while stopping: to be given up', 'me', false, true, 'me'],
    ["another member's", 'other', false, false, 'other'],
  ])('%s', async (_name, owner, reading, stopping, seen) => {
    const view = { isReading: () => reading, isStopping: () => stopping };
    expect(await ownersSeen({ ...view, ledger: ledgerOf(owned(owner)) })).toEqual([seen]);
  });

  test('tells of a partition that is read here and owned elsewhere', async () => {
    const lost: string[] = [];
    const ledger = ledgerOf(owned('other'));
    await ownersSeen({ ledger, isReading: () => true, lost: (partition) => lost.push(partition) });
    expect(lost).toEqual(['0']);
  });

  test('finds where to start before the SDK asks, for partitions newly won only', async () => {
    const won: string[] = [];
    const store = createCheckpointStore(
      options({
        isReading: (partition) => partition === '1',
        won: (partition) => Promise.resolve(void won.push(partition)),
      }),
    );
    const place = {
      fullyQualifiedNamespace: 'host',
      eventHubName: 'metrics',
      consumerGroup: 'router',
    };
    const claimed = await store.claimOwnership([
      { ...place, partitionId: '0', ownerId: 'me' },
      { ...place, partitionId: '1', ownerId: 'me' },
    ]);
    expect(won).toEqual(['0']);
    expect(claimed.map(({ etag }) => etag)).toEqual(['new', 'new']);
    expect(await store.listCheckpoints('host', 'metrics', 'router')).toEqual([]);
  });

  test('giving up is no win', async () => {
    const won: string[] = [];
    const store = createCheckpointStore(
      options({ won: (partition) => Promise.resolve(void won.push(partition)) }),
    );
    await store.claimOwnership([
      {
        fullyQualifiedNamespace: 'host',
        eventHubName: 'metrics',
        consumerGroup: 'router',
        partitionId: '0',
        ownerId: '',
      },
    ]);
    expect(won).toEqual([]);
  });
});
