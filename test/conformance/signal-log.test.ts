import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { connectEventHubs } from '@headroom/azure-event-hubs';
import type { EventHubs } from '@headroom/azure-event-hubs';
import { assert, instant } from '@headroom/core';
import type { FoldSnapshot } from '@headroom/core';
import { MemoryLog, MemoryPartitions, MemorySnapshots } from '@headroom/memory';
import type { PartitionLedger, SnapshotStore } from '@headroom/ports';
import { startBroker } from './amqp-broker.ts';
import type { Broker } from './amqp-broker.ts';
import { quietLog } from './quiet-log.ts';
import { numbered, signalLogContract } from './signal-log.contract.ts';
import { Witness } from './witness.ts';

jest.setTimeout(60_000);

const partitions = 4;
const consumerGroup = 'evaluator';
const hubNames = Array.from({ length: 20 }, (_, at) => `signals${at}`);
const clock = { now: () => instant(Date.now()) };
/** As in production, scaled down. */
const timings = { balanceIntervalMs: 200, ownershipExpiryMs: 1000 };

let broker: Broker;
let azure: EventHubs;
let unused = [...hubNames];

beforeAll(async () => {
  const hub = { partitions, retentionHours: 24, consumerGroups: [consumerGroup] };
  broker = await startBroker({
    eventHubs: hubNames.map((name) => ({ name, ...hub })),
    topics: [],
    queues: [],
  });
  azure = connectEventHubs({ connectionString: broker.connectionString }, quietLog);
});
afterAll(async () => {
  await azure.close();
  await broker.close();
});

function freshHub(): string {
  const [hub, ...others] = unused;
  unused = others;
  if (hub === undefined) throw new Error('more tests than hubs: name more');
  return hub;
}

function snapshotAt(sequence: number): FoldSnapshot {
  return {
    ...{ sequence, now: instant(0), startedAt: instant(0), cold: false },
    ...{ sources: [], targets: [], series: [] },
  };
}

async function keepSnapshot(
  store: SnapshotStore,
  log: { describe: () => Promise<{ logId: string; partitions: number }> },
  partition: number,
  sequence: number,
): Promise<void> {
  await store.save(await log.describe(), partition, snapshotAt(sequence));
}

signalLogContract('memory', () => {
  const snapshots = new MemorySnapshots();
  const log = new MemoryLog({ partitions, clock, snapshots });
  return Promise.resolve({
    log,
    history: log,
    partitions,
    member: () => log.feed(),
    snapshot: (partition, sequence) => keepSnapshot(snapshots, log, partition, sequence),
  });
});

signalLogContract('Event Hubs', () => {
  const hub = freshHub();
  const snapshots = new MemorySnapshots();
  const ledger = new MemoryPartitions(clock);
  const log = azure.signalLog({ hub, partitions });
  return Promise.resolve({
    log,
    history: azure.signalHistory(hub),
    partitions,
    member: () => azure.signalFeed({ hub, consumerGroup, ledger, snapshots, log, timings }),
    snapshot: (partition, sequence) => keepSnapshot(snapshots, log, partition, sequence),
  });
});

describe('the log in Event Hubs', () => {
  test('refuses a hub with another number of partitions', async () => {
    const log = azure.signalLog({ hub: freshHub(), partitions: 16 });
    const expected = { name: 'PartitionCountMismatch', expected: 16, found: partitions };
    await expect(log.describe()).rejects.toMatchObject(expected);
    await expect(log.append(0, [numbered(0)])).rejects.toMatchObject(expected);
  });

  test('says so when the hub does not exist', async () => {
    const log = azure.signalLog({ hub: 'nowhere', partitions });
    await expect(log.describe()).rejects.toThrow("event hub 'nowhere' cannot be used: it does not");
    const options = { consumerGroup, ledger: new MemoryPartitions(clock), log };
    const feed = azure.signalFeed({ hub: 'nowhere', ...options, snapshots: new MemorySnapshots() });
    const ended = feed.run(() => Promise.reject(new Error('opened')), new AbortController().signal);
    await expect(ended).rejects.toMatchObject({ name: 'HubRefused', hub: 'nowhere' });
  });

  test('says so when the key is wrong', async () => {
    const connectionString = broker.connectionString.replace(
      /SharedAccessKey=[^;]+/,
      'SharedAccessKey=d3Jvbmc=',
    );
    const stranger = connectEventHubs({ connectionString }, quietLog);
    const log = stranger.signalLog({ hub: freshHub(), partitions });
    await expect(log.describe()).rejects.toMatchObject({
      name: 'HubRefused',
      code: 'UnauthorizedError',
    });
    await stranger.close();
  });

  test('takes more than one message can hold in one append, in order', async () => {
    const hub = freshHub();
    const log = azure.signalLog({ hub, partitions });
    const count = 15_000;
    await log.append(
      0,
      Array.from({ length: count }, (_, number) => numbered(number)),
    );
    const ledger = new MemoryPartitions(clock);
    const reads = new Witness<number>();
    const stopping = new AbortController();
    const options = { hub, consumerGroup, ledger, log, timings, snapshots: new MemorySnapshots() };
    const ended = azure.signalFeed(options).run(
      () =>
        Promise.resolve({
          batch: (events) => {
            for (const { sequence } of events) reads.add(sequence);
            return Promise.resolve();
          },
          close: () => Promise.resolve(),
        }),
      stopping.signal,
    );
    await reads.until((seen) => seen.length >= count, 'all events are read');
    stopping.abort();
    await ended;
    expect(reads.seen).toEqual(Array.from({ length: count }, (_, sequence) => sequence));
  });

  test.each(['open', 'batch', 'close'])("a programmer's error in `%s` ends it", async (where) => {
    const hub = freshHub();
    const log = azure.signalLog({ hub, partitions });
    await log.append(0, [numbered(0)]);
    const failing = (step: string): Promise<void> =>
      Promise.resolve().then(() => assert(step !== where, `impossible in ${step}`));
    const options = { hub, consumerGroup, ledger: new MemoryPartitions(clock), log, timings };
    const feed = azure.signalFeed({ ...options, snapshots: new MemorySnapshots() });
    const ended = feed.run(async () => {
      await failing('open');
      return {
        batch: async () => {
          await failing('batch');
          throw new Error('close me');
        },
        close: () => failing('close'),
      };
    }, new AbortController().signal);
    await expect(ended).rejects.toThrow(`impossible in ${where}`);
  });

  test("a member that cannot reach the ledger loses its partitions after the ownerships' expiry", async () => {
    const hub = freshHub();
    const log = azure.signalLog({ hub, partitions });
    const ledger = new MemoryPartitions(clock);
    let isCut = false;
    const open = { a: new Set<number>(), b: new Set<number>() };
    const changes = new Witness<string>();
    const stopping = new AbortController();
    const start = (name: 'a' | 'b', reachable: PartitionLedger): Promise<void> => {
      const options = { hub, consumerGroup, log, timings, snapshots: new MemorySnapshots() };
      return azure.signalFeed({ ...options, ledger: reachable }).run(({ partition }) => {
        open[name].add(partition);
        changes.add(`${name} opens ${partition}`);
        return Promise.resolve({
          batch: () => Promise.resolve(),
          close: () => {
            open[name].delete(partition);
            changes.add(`${name} closes ${partition}`);
            return Promise.resolve();
          },
        });
      }, stopping.signal);
    };
    const cut: PartitionLedger = {
      ownerships: (...args) =>
        isCut ? Promise.reject(new Error('cut off')) : ledger.ownerships(...args),
      claim: (...args) => (isCut ? Promise.reject(new Error('cut off')) : ledger.claim(...args)),
      checkpoints: (...args) => ledger.checkpoints(...args),
      save: (...args) => ledger.save(...args),
    };
    const members = [start('a', cut)];
    await changes.until(() => open.a.size === partitions, 'a has all partitions');
    isCut = true;
    members.push(start('b', ledger));
    await changes.until(() => open.b.size === partitions, 'b has all partitions');
    await changes.until(() => open.a.size === 0, 'a has closed');
    isCut = false;
    stopping.abort();
    await Promise.all(members);
  });

  test('goes on after the broker was away, without a gap', async () => {
    const hub = freshHub();
    const log = azure.signalLog({ hub, partitions });
    const ledger = new MemoryPartitions(clock);
    const reads = new Witness<number>();
    const stopping = new AbortController();
    const options = { hub, consumerGroup, ledger, log, timings, snapshots: new MemorySnapshots() };
    const ended = azure.signalFeed(options).run(
      (owned) =>
        Promise.resolve({
          batch: async (events) => {
            for (const { sequence } of events) reads.add(sequence);
            await owned.saveCheckpoint(events.at(-1)!.sequence);
          },
          close: () => Promise.resolve(),
        }),
      stopping.signal,
    );
    await log.append(0, [numbered(0), numbered(1)]);
    await reads.until((seen) => seen.includes(1), 'the first events are read');
    await broker.restart();
    await log.append(0, [numbered(2), numbered(3)]);
    await reads.until((seen) => seen.includes(3), 'the later events are read', 30_000);
    stopping.abort();
    await ended;
    expect([...new Set(reads.seen)]).toEqual([0, 1, 2, 3]);
  });
});
