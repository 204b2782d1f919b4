import { describe, expect, test } from '@jest/globals';
import type { RejectedRecord, RejectedStore } from '@headroom/ports';
import { newGroup } from './samples.ts';

/** `kept` reads what the store holds of one source: the port has no way to. */
export interface RejectedUnderTest {
  readonly store: RejectedStore;
  kept(source: string): Promise<readonly RejectedRecord[]>;
}

export function rejectedStoreContract(name: string, make: () => RejectedUnderTest): void {
  describe(`RejectedStore, ${name}`, () => {
    test('keeps a record with its position, reason and text', async () => {
      const [record] = someOf(newSource(), 1);
      await make().store.keep([record!]);
      expect(await make().kept(record!.source)).toEqual([record]);
    });

    test('keeps nothing when there is nothing', async () => {
      const source = newSource();
      await make().store.keep([]);
      expect(await make().kept(source)).toEqual([]);
    });

    test('keeps many at once', async () => {
      const records = someOf(newSource(), 30);
      await make().store.keep(records);
      expect(await make().kept(records[0]!.source)).toHaveLength(30);
    });

    test('keeps each position once: a batch that comes again changes nothing', async () => {
      const records = someOf(newSource(), 3);
      await make().store.keep(records);
      await make().store.keep([
        { ...records[0]!, reason: 'another' },
        ...someOf(records[0]!.source, 4),
      ]);
      const kept = await make().kept(records[0]!.source);
      expect(kept.map(({ index }) => index).toSorted()).toEqual([0, 1, 2, 3]);
      expect(kept.every(({ reason }) => reason !== 'another')).toBe(true);
    });
  });
}

function newSource(): string {
  return `${newGroup().hub}/0`;
}

function someOf(source: string, count: number): readonly RejectedRecord[] {
  return Array.from({ length: count }, (_, index) => ({
    source,
    sequence: 12,
    index,
    reason: 'total: expected a number, found "much"',
    excerpt: '{"metricName":"CpuUtilizationPercentage","total":"much"}',
  }));
}
