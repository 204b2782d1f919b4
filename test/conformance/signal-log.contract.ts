import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { instant, targetId } from '@headroom/core';
import type { LogEvent, LoggedEvent } from '@headroom/core';
import type {
  OpenPartition,
  OwnedPartition,
  SignalFeed,
  SignalHistory,
  SignalLog,
} from '@headroom/ports';
import { Witness } from './witness.ts';

/** A log of its own with one group of readers, nothing written yet. */
export interface SignalWorld {
  readonly log: SignalLog;
  readonly history: SignalHistory;
  readonly partitions: number;
  /** Another member of the group. */
  member(): SignalFeed;
  /** Makes a snapshot of the partition's fold after `sequence` known. */
  snapshot(partition: number, sequence: number): Promise<void>;
}

interface Read {
  readonly member: string;
  readonly partition: number;
  readonly event: LoggedEvent;
}

/** A member that notes what it does, and how to stop it. */
interface Running {
  readonly opened: OwnedPartition[];
  readonly open: Set<number>;
  readonly ended: Promise<void>;
  stop(): Promise<void>;
}

/** An event that tells its number. */
export function numbered(number: number): LogEvent {
  const observation = {
    target: targetId('/subscriptions/s/deployments/d'),
    commandId: `c${number}`,
    instances: number,
    detail: '',
    at: instant(number),
  };
  return { kind: 'capacity', observation };
}

export function numberOf({ event }: LoggedEvent): number {
  return event.kind === 'capacity' ? (event.observation.instances ?? -1) : -1;
}

export function signalLogContract(name: string, makeWorld: () => Promise<SignalWorld>): void {
  describe(`SignalLog and SignalFeed: ${name}`, () => {
    let world: SignalWorld;
    let reads: Witness<Read>;
    let running: Running[];

    beforeEach(async () => {
      world = await makeWorld();
      reads = new Witness();
      running = [];
    });
    afterEach(async () => {
      await Promise.all(running.map((member) => member.stop()));
    });

    const numbers = (partition: number): number[] =>
      reads.seen.filter((read) => read.partition === partition).map((read) => numberOf(read.event));

    /** `handle` is called before a batch counts as read. */
    const start = (
      member: string,
      handle: (owned: OwnedPartition, events: readonly LoggedEvent[]) => Promise<void> = () =>
        Promise.resolve(),
    ): Running => {
      const stopping = new AbortController();
      const opened: OwnedPartition[] = [];
      const open = new Set<number>();
      const opening: OpenPartition = (owned) => {
        const { partition } = owned;
        opened.push(owned);
        open.add(partition);
        reads.wake();
        return Promise.resolve({
          batch: async (events) => {
            await handle(owned, events);
            for (const event of events) reads.add({ member, partition, event });
          },
          close: () => {
            open.delete(partition);
            reads.wake();
            return Promise.resolve();
          },
        });
      };
      const ended = world.member().run(opening, stopping.signal);
      const stop = (): Promise<void> => {
        stopping.abort();
        return ended;
      };
      const started = { opened, open, ended, stop };
      running.push(started);
      return started;
    };

    test('what an append resolved for is read, in order, at consecutive positions', async () => {
      const events = Array.from({ length: 50 }, (_, number) => numbered(number));
      await world.log.append(1, events.slice(0, 20));
      await world.log.append(1, events.slice(20));
      start('a');
      await reads.until(() => numbers(1).length >= 50, 'all events are read');
      expect(numbers(1)).toEqual(events.map((_, number) => number));
      const logged = reads.seen.map(({ event }) => event);
      expect(logged.map(({ sequence }) => sequence)).toEqual(events.map((_, at) => at));
      const times = logged.map(({ enqueuedAt }) => enqueuedAt);
      expect(times).toEqual([...times].sort((x, y) => x - y));
    });

    test('appends made at once keep the order of each, and lose nothing', async () => {
      const appends = Array.from({ length: 20 }, (_, at) =>
        Array.from({ length: 5 }, (_, index) => numbered(at * 5 + index)),
      );
      await Promise.all(appends.map((events) => world.log.append(0, events)));
      start('a');
      await reads.until(() => numbers(0).length >= 100, 'all events are read');
      const read = numbers(0);
      expect([...read].sort((x, y) => x - y)).toEqual(Array.from({ length: 100 }, (_, at) => at));
      for (let at = 0; at < 20; at++) {
        const own = read.filter((number) => Math.floor(number / 5) === at);
        expect(own).toEqual([0, 1, 2, 3, 4].map((index) => at * 5 + index));
      }
    });

    test('an event is in the partition that it was appended to', async () => {
      for (let partition = 0; partition < world.partitions; partition++) {
        await world.log.append(partition, [numbered(partition)]);
      }
      start('a');
      await reads.until((seen) => seen.length >= world.partitions, 'one of each is read');
      for (const { partition, event } of reads.seen) expect(numberOf(event)).toBe(partition);
    });

    test('the batches of a partition come one at a time', async () => {
      let inHand = 0;
      let most = 0;
      await world.log.append(0, [numbered(0)]);
      start('a', async () => {
        most = Math.max(most, ++inHand);
        await new Promise((resolve) => setImmediate(resolve));
        inHand--;
      });
      for (let number = 1; number < 30; number++) await world.log.append(0, [numbered(number)]);
      await reads.until(() => numbers(0).length >= 30, 'all events are read');
      expect(most).toBe(1);
    });

    test('tells who the log is and what the partition holds', async () => {
      const identity = await world.log.describe();
      expect(identity.partitions).toBe(world.partitions);
      await world.log.append(0, [numbered(0), numbered(1)]);
      const member = start('a');
      const all = (): boolean => member.opened.length >= world.partitions;
      await reads.until(all, 'every partition is opened');
      const of = (partition: number): OwnedPartition =>
        member.opened.find((owned) => owned.partition === partition)!;
      expect(of(0)).toMatchObject({ log: identity, firstSequence: 0, lastSequence: 1 });
      expect(of(1)).toMatchObject({ log: identity, lastSequence: -1 });
      expect(of(0).checkpoint).toBeUndefined();
    });

    test('a rejection closes the reader, and the partition is read again without a gap', async () => {
      const failing = new Set([3, 7]);
      const member = start('a', (_owned, events) => {
        const bad = events.find((event) => failing.has(numberOf(event)));
        if (bad === undefined) return Promise.resolve();
        failing.delete(numberOf(bad));
        // The SDK's own flag: an error with it would make its pump skip the batch.
        return Promise.reject(Object.assign(new Error('bad luck'), { retryable: true }));
      });
      for (let number = 0; number < 10; number++) await world.log.append(0, [numbered(number)]);
      await reads.until(() => numbers(0).includes(9), 'the last event is read');
      const distinct = [...new Set(numbers(0))];
      expect(distinct).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
      expect(member.opened.filter(({ partition }) => partition === 0).length).toBeGreaterThan(1);
    });

    test('a successor gets the checkpoint, and reads on from the newest snapshot before it', async () => {
      await world.log.append(
        0,
        Array.from({ length: 10 }, (_, number) => numbered(number)),
      );
      const first = start('a', async (owned, events) => {
        if (owned.partition === 0) await owned.saveCheckpoint(events.at(-1)!.sequence);
      });
      await reads.until(() => numbers(0).length >= 10, 'all events are read');
      await world.snapshot(0, 5);
      await first.stop();
      expect(first.open.size).toBe(0);
      const second = start('b');
      await reads.until((seen) => seen.some(({ member }) => member === 'b'), 'b reads');
      const opened = second.opened.find(({ partition }) => partition === 0)!;
      expect(opened.checkpoint).toBe(9);
      const again = reads.seen.filter(({ member }) => member === 'b');
      expect(again.map(({ event }) => event.sequence)).toEqual([6, 7, 8, 9]);
    });

    test('two members share the partitions, and what one leaves the other takes', async () => {
      const a = start('a');
      await reads.until(() => a.open.size === world.partitions, 'a has all partitions');
      const b = start('b');
      const shared = (): boolean => a.open.size === b.open.size && a.open.size > 0;
      await reads.until(shared, 'each has half');
      expect([...a.open].filter((partition) => b.open.has(partition))).toEqual([]);
      await a.stop();
      await reads.until(() => b.open.size === world.partitions, 'b has all partitions');
      for (let partition = 0; partition < world.partitions; partition++) {
        await world.log.append(partition, [numbered(partition)]);
      }
      const byB = (): boolean =>
        new Set(reads.seen.filter(({ member }) => member === 'b').map(({ partition }) => partition))
          .size === world.partitions;
      await reads.until(byB, 'b reads them all');
    });

    test('a checkpoint of a reader that lost its partition is refused', async () => {
      const a = start('a');
      await reads.until(() => a.open.size === world.partitions, 'a has all partitions');
      const b = start('b');
      await reads.until(() => b.open.size === a.open.size, 'each has half');
      const taken = [...b.open][0]!;
      await world.log.append(taken, [numbered(0)]);
      await reads.until((seen) => seen.some(({ member }) => member === 'b'), 'b reads');
      const older = a.opened.find(({ partition }) => partition === taken)!;
      // On a busy machine a lease may run out before the save, and the next reader has the partition.
      const newer = (): readonly OwnedPartition[] =>
        [...a.opened, ...b.opened].filter((one) => one !== older && one.partition === taken);
      const tried = new Set<OwnedPartition>();
      let saved = false;
      while (!saved) {
        await reads.until(() => newer().some((one) => !tried.has(one)), 'a newer reader');
        for (const one of newer().filter((each) => !tried.has(each))) {
          tried.add(one);
          saved ||= (await one.saveCheckpoint(0)) === 'saved';
        }
      }
      expect(await older.saveCheckpoint(0)).toBe('lost');
    });

    test('whoever looks back reads up to the end, beside the members', async () => {
      await world.log.append(1, [numbered(0), numbered(1), numbered(2)]);
      start('a');
      await reads.until(() => numbers(1).length >= 3, 'the member reads');
      const [, second] = reads.seen.map(({ event }) => event);
      const read = async (partition: number, from = instant(0)) => {
        const found: LoggedEvent[] = [];
        await world.history.read(partition, from, (events) => {
          found.push(...events);
        });
        return found;
      };
      expect(await read(1)).toEqual(reads.seen.map(({ event }) => event));
      expect((await read(1, second!.enqueuedAt)).map(numberOf)).toContain(1);
      expect(await read(1, instant(second!.enqueuedAt + 60_000))).toEqual([]);
      expect(await read(0)).toEqual([]);
      await world.log.append(1, [numbered(3)]);
      await reads.until(() => numbers(1).length >= 4, 'the member goes on');
    });

    test('what whoever looks back throws ends the reading', async () => {
      await world.log.append(1, [numbered(0)]);
      const reading = world.history.read(1, instant(0), () => {
        throw new Error('enough');
      });
      await expect(reading).rejects.toThrow('enough');
    });

    test('ends when it is told to, with every reader closed', async () => {
      const member = start('a');
      await reads.until(() => member.open.size === world.partitions, 'a has all partitions');
      await member.stop();
      expect(member.open.size).toBe(0);
    });
  });
}
