import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { after, isAbove, keyHash, minuteMs, targetId } from '@headroom/core';
import type { Sample, WantedKey } from '@headroom/core';
import { DependencyUnavailable } from '@headroom/ports';
import type { MetricBatch, MetricFeed, SamplePublisher } from '@headroom/ports';
import { noon } from './samples.ts';
import { Witness } from './witness.ts';

/** A hub of its own with one group of readers, nothing published yet. */
export interface MetricWorld {
  readonly partitions: number;
  /** One message with these samples, to this partition. */
  publish(partition: number, samples: readonly Sample[], path?: string): Promise<void>;
  /** One who brings samples. */
  publisher(): SamplePublisher;
  /** Another member of the group. */
  member(): MetricFeed;
}

export const resource = targetId('/subscriptions/s/deployments/d');

/** The sample of minute `minute`, so that each can be told from the others. */
export function sampleOf(minute: number, metric = 'cpu'): Sample {
  const series = { resource, metric, dimensions: [['instance', 'i1']] as const };
  const time = after(noon, minute * minuteMs);
  return { series, time, grainMs: minuteMs, count: 2, total: 30, minimum: 10, maximum: 20 };
}

export function minuteOf(sample: Sample): number {
  return (sample.time - noon) / minuteMs;
}

export const wantsCpu: WantedKey = (high, low) => {
  const key = keyHash(resource, 'cpu');
  return key.high === high && key.low === low;
};

export function metricFeedContract(name: string, makeWorld: () => Promise<MetricWorld>): void {
  describe(`MetricFeed: ${name}`, () => {
    let world: MetricWorld;
    let batches: Witness<{ readonly member: string; readonly batch: MetricBatch }>;
    let stops: (() => Promise<void>)[];

    beforeEach(async () => {
      world = await makeWorld();
      batches = new Witness();
      stops = [];
    });
    afterEach(async () => {
      await Promise.all(stops.map((stop) => stop()));
    });

    /** `handle` is called before a batch counts as read. */
    const start = (
      member: string,
      handle: (batch: MetricBatch) => Promise<void> = () => Promise.resolve(),
    ): (() => Promise<void>) => {
      const stopping = new AbortController();
      const batch = async (read: MetricBatch): Promise<void> => {
        await handle(read);
        batches.add({ member, batch: read });
      };
      const ended = world.member().run({ wanted: wantsCpu, batch }, stopping.signal);
      const stop = (): Promise<void> => {
        stopping.abort();
        return ended;
      };
      stops.push(stop);
      return stop;
    };

    const groups = () => batches.seen.flatMap(({ batch }) => batch.groups);
    const minutes = () =>
      groups().flatMap(({ samples }) => samples.map((at) => minuteOf(at.sample)));
    const has = (count: number) => () => minutes().length >= count;

    test('hands samples over in the order of their partition, each with its position', async () => {
      for (let at = 0; at < 5; at++) {
        await world.publish(0, [sampleOf(2 * at), sampleOf(2 * at + 1)]);
      }
      start('a');
      await batches.until(has(10), 'ten samples');
      expect(minutes()).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
      expect(groups()[0]!.samples[0]!.sample).toEqual(sampleOf(0));
      const positions = groups().flatMap(({ samples }) => samples.map(({ position }) => position));
      expect(positions[3]).toEqual({ sequence: 1, index: 1 });
      for (const [at, position] of positions.slice(1).entries()) {
        expect(isAbove(position, positions[at]!)).toBe(true);
      }
    });

    test('says which messages a batch came from', async () => {
      await world.publish(0, [sampleOf(0)]);
      await world.publish(0, [sampleOf(1)]);
      start('a');
      await batches.until(has(2), 'both samples');
      const read = batches.seen.map(({ batch }) => batch);
      expect(read[0]!.firstSequence).toBe(0);
      expect(read.at(-1)!.lastSequence).toBe(1);
      expect(new Set(read.map(({ source }) => source)).size).toBe(1);
      expect(Math.abs(read[0]!.lastEnqueuedAt - Date.now())).toBeLessThan(60_000);
    });

    test('names the source partition, a name for each', async () => {
      for (let at = 0; at < world.partitions; at++) await world.publish(at, [sampleOf(at)]);
      start('a');
      await batches.until(has(world.partitions), 'a sample of each partition');
      const sources = new Set(batches.seen.map(({ batch }) => batch.source));
      expect(sources.size).toBe(world.partitions);
    });

    test('leaves out what nobody wants, and counts it', async () => {
      await world.publish(0, [sampleOf(0, 'memory'), sampleOf(0), sampleOf(1, 'memory')]);
      start('a');
      await batches.until(has(1), 'the sample');
      expect(minutes()).toEqual([0]);
      expect(groups()[0]!.samples[0]!.position.index).toBe(1);
      const counts = { wanted: 1, unwanted: 2, notMetric: 0, rejected: 0 };
      expect(batches.seen[0]!.batch.counts).toEqual(counts);
    });

    test('keeps the order where the path changes', async () => {
      const paths = ['push', 'poll', 'poll', 'push'];
      for (const [at, path] of paths.entries()) await world.publish(0, [sampleOf(at)], path);
      start('a');
      await batches.until(has(4), 'four samples');
      expect(minutes()).toEqual([0, 1, 2, 3]);
      const perSample = groups().flatMap(({ path, samples }) => samples.map(() => path));
      expect(perSample).toEqual(paths);
    });

    test('what is published with one key is one partition, in order, with its path', async () => {
      const publisher = world.publisher();
      for (let at = 0; at < 6; at++) {
        const samples = [sampleOf(2 * at), sampleOf(2 * at + 1)];
        await publisher.publish(samples, { path: 'poll', key: 'a key' });
      }
      await publisher.publish([], { path: 'poll', key: 'a key' });
      start('a');
      await batches.until(has(12), 'twelve samples');
      expect(minutes()).toEqual(Array.from({ length: 12 }, (_, at) => at));
      expect(groups()[0]!.samples[0]!.sample).toEqual(sampleOf(0));
      expect(new Set(groups().map(({ path }) => path))).toEqual(new Set(['poll']));
      expect(new Set(batches.seen.map(({ batch }) => batch.source)).size).toBe(1);
    });

    test('the batches of a partition come one at a time', async () => {
      let inHand = 0;
      let most = 0;
      await world.publish(0, [sampleOf(0)]);
      start('a', async () => {
        most = Math.max(most, ++inHand);
        await new Promise((resolve) => setImmediate(resolve));
        inHand--;
      });
      for (let at = 1; at < 20; at++) await world.publish(0, [sampleOf(at)]);
      await batches.until(has(20), 'all samples');
      expect(most).toBe(1);
    });

    test('a batch whose handler rejected comes again, and none is skipped', async () => {
      const failing = new Set([3, 7]);
      start('a', (batch) => {
        const read = batch.groups.flatMap(({ samples }) =>
          samples.map((at) => minuteOf(at.sample)),
        );
        const bad = read.find((minute) => failing.delete(minute));
        if (bad === undefined) return Promise.resolve();
        // The SDK's own flag: an error with it would make its pump skip the batch.
        return Promise.reject(Object.assign(new Error('bad luck'), { retryable: true }));
      });
      for (let at = 0; at < 10; at++) await world.publish(0, [sampleOf(at)]);
      await batches.until(() => minutes().includes(9), 'the last sample');
      expect([...new Set(minutes())]).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    });

    test('waits for a dependency of the handler that is away', async () => {
      let calls = 0;
      start('a', () => {
        calls++;
        const away = new DependencyUnavailable('signals', 'away', { retryAfterMs: 5 });
        return calls < 4 ? Promise.reject(away) : Promise.resolve();
      });
      await world.publish(0, [sampleOf(0)]);
      await batches.until(has(1), 'the sample');
      expect(minutes()).toEqual([0]);
    });

    test('what was handled is not delivered again after a clean stop', async () => {
      const stop = start('a');
      await world.publish(0, [sampleOf(0), sampleOf(1)]);
      await batches.until(has(2), 'both samples');
      await stop();
      start('b');
      await world.publish(0, [sampleOf(2)]);
      await batches.until(has(3), 'the next sample');
      expect(minutes()).toEqual([0, 1, 2]);
    });

    test('members share the partitions, and what one leaves the others take', async () => {
      const stop = start('a');
      start('b');
      const readers = new Set<string>();
      let at = 0;
      const both = (): boolean => {
        for (const { member } of batches.seen) readers.add(member);
        return readers.size === 2;
      };
      while (!both()) {
        const before = minutes().length;
        for (let partition = 0; partition < world.partitions; partition++) {
          await world.publish(partition, [sampleOf(at++)]);
        }
        await batches.until(has(before + world.partitions), 'a sample of each partition');
      }
      await stop();
      const before = batches.seen.length;
      for (let partition = 0; partition < world.partitions; partition++) {
        await world.publish(partition, [sampleOf(at++)]);
      }
      const all = (): boolean => {
        const late = batches.seen.slice(before).map(({ batch }) => batch.source);
        return new Set(late).size === world.partitions;
      };
      await batches.until(all, 'b reads every partition');
      const published = Array.from({ length: at }, (_, minute) => minute);
      expect([...new Set(minutes())].sort((x, y) => x - y)).toEqual(published);
    });
  });
}
