import { describe, expect, test } from '@jest/globals';
import type { SnapshotStore } from '@headroom/ports';
import { aSnapshot, newLog } from './samples.ts';

/** 100,000 samples take four million bytes: several documents in any store with a limit of two. */
const manySamples = 100_000;

export function snapshotStoreContract(name: string, store: () => SnapshotStore): void {
  describe(`SnapshotStore, ${name}`, () => {
    test('has nothing of a partition that nobody saved', async () => {
      const log = newLog();
      expect(await store().load(log, 0, 100)).toBeUndefined();
      expect(await store().newest(log, 0, 100)).toBeUndefined();
    });

    test('gives a snapshot back as it was', async () => {
      const log = newLog();
      const snapshot = aSnapshot(7);
      await store().save(log, 3, snapshot);
      expect(await store().load(log, 3, 7)).toEqual(snapshot);
    });

    test('gives back one of several megabytes', async () => {
      const log = newLog();
      const snapshot = aSnapshot(7, manySamples);
      await store().save(log, 3, snapshot);
      const [loaded] = (await store().load(log, 3, 7))?.series ?? [];
      const [saved] = snapshot.series;
      expect(loaded?.totals.length).toBe(manySamples);
      expect(Buffer.from(loaded!.maximums.buffer).equals(Buffer.from(saved!.maximums.buffer))).toBe(
        true,
      );
    }, 30_000);

    test.each([
      [6, undefined],
      [7, 7],
      [11, 7],
      [12, 12],
      [Number.MAX_SAFE_INTEGER, 12],
    ])('of 7 and 12 takes at most %i: %s', async (atMost, expected) => {
      const log = newLog();
      await store().save(log, 0, aSnapshot(7));
      await store().save(log, 0, aSnapshot(12));
      expect(await store().newest(log, 0, atMost)).toBe(expected);
      expect((await store().load(log, 0, atMost))?.sequence).toBe(expected);
    });

    test('keeps partitions and logs apart', async () => {
      const log = newLog();
      await store().save(log, 0, aSnapshot(7));
      expect(await store().newest(log, 1, 100)).toBeUndefined();
      expect(await store().newest(newLog(), 0, 100)).toBeUndefined();
    });

    test('keeps the newest two and removes older ones', async () => {
      const log = newLog();
      for (const sequence of [5, 6, 7]) await store().save(log, 0, aSnapshot(sequence));
      expect(await store().newest(log, 0, 5)).toBeUndefined();
      expect(await store().newest(log, 0, 6)).toBe(6);
      expect(await store().newest(log, 0, 7)).toBe(7);
    });

    test('takes the same snapshot twice, as two owners may save it', async () => {
      const log = newLog();
      await store().save(log, 0, aSnapshot(5));
      await Promise.all([1, 2].map(() => store().save(log, 0, aSnapshot(9))));
      expect(await store().load(log, 0, 9)).toEqual(aSnapshot(9));
      expect(await store().newest(log, 0, 8)).toBe(5);
    });

    test('does not change with the fold that goes on', async () => {
      const log = newLog();
      const snapshot = aSnapshot(5);
      await store().save(log, 0, snapshot);
      snapshot.series[0]!.totals.fill(-1);
      expect(await store().load(log, 0, 5)).toEqual(aSnapshot(5));
    });
  });
}
