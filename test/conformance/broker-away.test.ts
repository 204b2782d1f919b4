import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { connectEventHubs } from '@headroom/azure-event-hubs';
import type { EventHubs } from '@headroom/azure-event-hubs';
import { instant } from '@headroom/core';
import { MemoryPartitions, MemorySnapshots } from '@headroom/memory';
import { DependencyUnavailable } from '@headroom/ports';
import type { SignalFeed, SignalLog } from '@headroom/ports';
import { setTimeout } from 'node:timers/promises';
import { startBroker } from './amqp-broker.ts';
import type { Broker } from './amqp-broker.ts';
import { quietLog } from './quiet-log.ts';
import { numberOf, numbered } from './signal-log.contract.ts';
import { Witness } from './witness.ts';

jest.setTimeout(60_000);

const partitions = 4;
const hubNames = ['one', 'two'] as const;
const consumerGroup = 'evaluator';
/** Longer than the SDK goes on by itself with a lost connection, so that every reading fails and is begun anew. */
const awayMs = 4_000;
/** From the broker's return to the first event read of each partition. With the timings of production. */
const recoveryLimitMs = 10_000;

let broker: Broker;
let azure: EventHubs;

beforeAll(async () => {
  const hub = { partitions, retentionHours: 24, consumerGroups: [consumerGroup] };
  const eventHubs = hubNames.map((name) => ({ name, ...hub }));
  broker = await startBroker({ eventHubs, topics: [], queues: [] });
  azure = connectEventHubs({ connectionString: broker.connectionString }, quietLog);
});
afterAll(async () => {
  await azure.close();
  await broker.close();
});

/** A member that notes what it reads of which partition. */
class Reader {
  readonly open = new Set<number>();
  readonly #stopping = new AbortController();
  readonly #ended: Promise<void>;

  constructor(feed: SignalFeed, reads: Witness<string>) {
    this.#ended = feed.run(({ partition }) => {
      this.open.add(partition);
      reads.wake();
      return Promise.resolve({
        batch: (events) => {
          for (const event of events) reads.add(`${partition}: ${numberOf(event)}`);
          return Promise.resolve();
        },
        close: () => {
          this.open.delete(partition);
          reads.wake();
          return Promise.resolve();
        },
      });
    }, this.#stopping.signal);
  }

  stop(): Promise<void> {
    this.#stopping.abort();
    return this.#ended;
  }
}

/** As callers do: what had no answer from a broker that is just back is sent again. */
async function appendToAll(log: SignalLog, number: number): Promise<readonly string[]> {
  const all = Array.from({ length: partitions }, (_, partition) => partition);
  const append = async (partition: number): Promise<void> => {
    const giveUpAtMs = performance.now() + recoveryLimitMs;
    for (;;) {
      try {
        await log.append(partition, [numbered(number)]);
        return;
      } catch (error) {
        const mayPass = error instanceof DependencyUnavailable;
        if (!mayPass || performance.now() > giveUpAtMs) throw error;
      }
    }
  };
  await Promise.all(all.map(append));
  return all.map((partition) => `${partition}: ${number}`);
}

describe('a broker that was away', () => {
  test.each([
    [1, 'one'],
    [2, 'two'],
  ])('is read again soon after its return, by %d', async (count, hub) => {
    const log = azure.signalLog({ hub, partitions });
    const reads = new Witness<string>();
    const ledger = new MemoryPartitions({ now: () => instant(Date.now()) });
    const options = { hub, consumerGroup, ledger, log, snapshots: new MemorySnapshots() };
    const members = Array.from({ length: count }, () => {
      return new Reader(azure.signalFeed(options), reads);
    });
    const isShared = (): boolean =>
      members.every(({ open }) => open.size === partitions / members.length);
    await reads.until(isShared, 'the partitions are shared');

    await broker.restart(() => setTimeout(awayMs));
    const returnedAtMs = performance.now();
    const wanted = await appendToAll(log, 1);
    const areRead = (seen: readonly string[]): boolean => wanted.every((one) => seen.includes(one));
    await reads.until(areRead, 'one event of each partition', recoveryLimitMs);
    expect(performance.now() - returnedAtMs).toBeLessThan(recoveryLimitMs);

    await Promise.all(members.map((member) => member.stop()));
    expect(members.flatMap(({ open }) => [...open])).toEqual([]);
  });
});
