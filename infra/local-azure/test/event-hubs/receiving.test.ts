import { describe, expect, jest, test } from '@jest/globals';
import { EventHubConsumerClient } from '@azure/event-hubs';
import type {
  CheckpointStore,
  EventPosition,
  PartitionOwnership,
  ReceivedEventData,
} from '@azure/event-hubs';
import { until } from '../amqp/server.fixture.ts';
import { ONCE, earliest, useTestHub } from './hub.fixture.ts';

// A busy machine makes the SDKs slow; every wait has its own shorter bound.
jest.setTimeout(30_000);

const hub = useTestHub();

describe('start positions', () => {
  test('earliest: everything that is there', async () => {
    await hub.sendNumbers(3);
    expect(await hub.bodiesFrom(earliest, 3)).toEqual([0, 1, 2]);
    expect(await hub.bodiesFrom({ sequenceNumber: -1 }, 3)).toEqual([0, 1, 2]);
    expect(await hub.bodiesFrom({ enqueuedOn: 0 }, 3)).toEqual([0, 1, 2]);
  });

  test('latest: what is sent afterwards, and nothing older', async () => {
    await hub.sendNumbers(2);
    const reading = hub.read('0', { startPosition: { offset: '@latest' } });
    await until('the link to be there', async () => {
      await hub.send([{ body: 'new' }]);
      return reading.events.length > 0;
    });
    expect(new Set(reading.bodies())).toEqual(new Set(['new']));
  });

  test('offset and sequence number: inclusive or not', async () => {
    await hub.sendNumbers(5);
    const all = hub.read('0');
    await until('five events', () => all.events.length === 5);
    const { offset } = all.events[2]!;
    expect(await hub.bodiesFrom({ offset }, 2)).toEqual([3, 4]);
    expect(await hub.bodiesFrom({ offset, isInclusive: true }, 3)).toEqual([2, 3, 4]);
    expect(await hub.bodiesFrom({ sequenceNumber: 2 }, 2)).toEqual([3, 4]);
    expect(await hub.bodiesFrom({ sequenceNumber: 2, isInclusive: true }, 3)).toEqual([2, 3, 4]);
  });

  test('enqueued time: the first event after it', async () => {
    let now = Date.now() - 60_000;
    await hub.restart({ clock: () => now });
    await hub.send([{ body: 'early' }]);
    now += 10_000;
    await hub.send([{ body: 'late' }]);
    expect(await hub.bodiesFrom({ enqueuedOn: now - 5000 }, 1)).toEqual(['late']);
    expect(await hub.bodiesFrom({ enqueuedOn: now - 10_001 }, 2)).toEqual(['early', 'late']);
    const future = hub.read('0', { startPosition: { enqueuedOn: now + 1000 } });
    now += 2000;
    await until('the link to be there', async () => {
      await hub.send([{ body: 'last' }]);
      return future.events.length > 0;
    });
    expect(new Set(future.bodies())).toEqual(new Set(['last']));
  });

  test('the place right behind the last event waits for the next one', async () => {
    await hub.sendNumbers(2);
    const positions: EventPosition[] = [
      { sequenceNumber: 1 },
      { sequenceNumber: 2, isInclusive: true },
    ];
    const readings = positions.map((startPosition) => hub.read('0', { startPosition }));
    await hub.send([{ body: 'next' }]);
    await until('both', () => readings.every(({ events }) => events.length === 1));
    expect(readings.map((reading) => reading.bodies())).toEqual([['next'], ['next']]);
  });

  test('a position behind the end is refused, as in Azure', async () => {
    await hub.sendNumbers(2);
    for (const startPosition of [{ sequenceNumber: 2 }, { offset: '99999' }]) {
      const reading = hub.read('0', { startPosition });
      await until('the refusal', () => reading.errors.length > 0);
      expect(reading.errors[0]).toMatchObject({ code: 'ArgumentError' });
      expect(reading.errors[0]?.message).toMatch(/is invalid. The last .* is '(1|64)'/);
    }
  });

  test('a position that cannot be read is refused', async () => {
    const reading = hub.read('0', { startPosition: { offset: 'yesterday' } });
    await until('the refusal', () => reading.errors.length > 0);
    expect(reading.errors[0]?.message).toMatch(/"amqp.annotation.x-opt-offset > 'yesterday'"/);
  });
});

describe('reading', () => {
  test('consumer groups read independently of each other, whatever their case', async () => {
    await hub.sendNumbers(2);
    const readings = ['router', '$Default', 'ROUTER'].map((group) => hub.read('0', { group }));
    await until('all', () => readings.every(({ events }) => events.length === 2));
    expect(readings.flatMap(({ errors }) => errors)).toEqual([]);
  });

  test('thousands of events arrive in order, from disk and from memory', async () => {
    await hub.sendNumbers(4000);
    await hub.restart();
    await hub.sendNumbers(4000);
    const reading = hub.read('0', { maxBatchSize: 1000, prefetchCount: 3000 });
    await until('8000 events', () => reading.events.length === 8000);
    expect(reading.events.map((event) => event.sequenceNumber)).toEqual(
      Array.from({ length: 8000 }, (_, n) => n),
    );
  });

  test('maxBatchSize bounds what comes at a time; prefetchCount may be more or less', async () => {
    await hub.sendNumbers(60);
    for (const prefetchCount of [10, 200]) {
      const reading = hub.read('0', { maxBatchSize: 20, prefetchCount });
      await until('sixty events', () => reading.events.length === 60);
      expect(Math.max(...reading.batches)).toBeLessThanOrEqual(20);
      expect(reading.events.map((event) => event.sequenceNumber)).toEqual(
        Array.from({ length: 60 }, (_, n) => n),
      );
    }
  });

  test('trackLastEnqueuedEventProperties tells where the partition ends', async () => {
    await hub.sendNumbers(3);
    const reading = hub.read('0', { trackLastEnqueuedEventProperties: true });
    await until('three events', () => reading.events.length === 3);
    const [, , last] = reading.events;
    const known = reading.contexts.at(-1)!.lastEnqueuedEventProperties;
    expect(known).toMatchObject({ sequenceNumber: 2, offset: last!.offset });
    expect(known!.enqueuedOn).toEqual(last!.enqueuedTimeUtc);
    expect(known!.retrievedOn).toBeInstanceOf(Date);
  });
});

describe('load balancing', () => {
  const options = {
    startPosition: earliest,
    maxWaitTimeInSeconds: 0.2,
    maxBatchSize: 10,
  };

  function balancedReader(store: CheckpointStore) {
    const client = new EventHubConsumerClient(
      'router',
      hub.server.connectionString,
      'metrics',
      store,
      {
        ...ONCE,
        loadBalancingOptions: {
          strategy: 'greedy',
          updateIntervalInMs: 100,
          partitionOwnershipExpirationIntervalInMs: 5000,
        },
      },
    );
    const events: ReceivedEventData[] = [];
    const closed: string[] = [];
    const open = new Set<string>();
    const subscription = client.subscribe(
      {
        processInitialize: ({ partitionId }) => Promise.resolve(void open.add(partitionId)),
        processEvents: async (batch, context) => {
          events.push(...batch);
          const last = batch.at(-1);
          if (last !== undefined) await context.updateCheckpoint(last);
        },
        processClose: (reason, { partitionId }) => {
          open.delete(partitionId);
          closed.push(reason);
          return Promise.resolve();
        },
        processError: () => Promise.resolve(),
      },
      options,
    );
    const close = async (): Promise<void> => {
      await subscription.close();
      await client.close();
    };
    hub.onEnd(close);
    return { events, open, closed, close };
  }

  test('two readers share the partitions, and one goes on where the other stopped', async () => {
    const store = memoryCheckpoints();
    const first = balancedReader(store);
    await until('the first to have both', () => first.open.size === 2);
    await hub.sendNumbers(3, '0');
    await hub.sendNumbers(3, '1');
    await until('six events', () => first.events.length === 6);

    const second = balancedReader(store);
    await until('one partition each', () => first.open.size === 1 && second.open.size === 1);
    expect(first.closed.length).toBeGreaterThan(0);
    await first.close();
    await until('the second to have both', () => second.open.size === 2);
    await hub.sendNumbers(1, '0');
    await hub.sendNumbers(1, '1');
    await until('the new events', () => second.events.length >= 2);
    expect(second.events.map((event) => event.sequenceNumber)).toEqual([3, 3]);
  });
});

/** The interface of the SDK, in memory: it has one inside, which two clients cannot share. */
function memoryCheckpoints(): CheckpointStore {
  const ownerships = new Map<string, PartitionOwnership>();
  const checkpoints = new Map<string, Parameters<CheckpointStore['updateCheckpoint']>[0]>();
  let version = 0;
  return {
    listOwnership: () => Promise.resolve([...ownerships.values()]),
    claimOwnership: (wanted) => {
      const claimed = wanted.filter(
        ({ partitionId, etag }) => ownerships.get(partitionId)?.etag === etag,
      );
      return Promise.resolve(
        claimed.map((ownership) => {
          const owned = { ...ownership, etag: String(++version), lastModifiedTimeInMs: Date.now() };
          ownerships.set(ownership.partitionId, owned);
          return owned;
        }),
      );
    },
    updateCheckpoint: (checkpoint) =>
      Promise.resolve(void checkpoints.set(checkpoint.partitionId, checkpoint)),
    listCheckpoints: () => Promise.resolve([...checkpoints.values()]),
  };
}
