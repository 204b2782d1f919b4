import { describe, expect, test } from '@jest/globals';
import type { FeedGroup, Ownership, PartitionLedger } from '@headroom/ports';
import { newGroup } from './samples.ts';

export function partitionLedgerContract(name: string, ledger: () => PartitionLedger): void {
  const claim = async (group: FeedGroup, wanted: Ownership): Promise<Ownership> => {
    const [won] = await ledger().claim(group, [wanted]);
    if (won === undefined) throw new Error(`partition ${wanted.partition} was not won`);
    return won;
  };

  describe(`PartitionLedger, ${name}: ownership`, () => {
    test('begins with nobody', async () => {
      expect(await ledger().ownerships(newGroup())).toEqual([]);
    });

    test('lists what was won, with its etag and time', async () => {
      const group = newGroup();
      const wanted = ['0', '1', '10'].map((partition) => ({ partition, owner: 'a' }));
      const won = await ledger().claim(group, wanted);
      expect(won.map(({ partition }) => partition)).toEqual(['0', '1', '10']);
      expect(sorted(await ledger().ownerships(group))).toEqual(sorted(won));
      expect(won.every(({ etag, modifiedAtMs }) => etag !== '' && modifiedAtMs! > 0)).toBe(true);
    });

    test('keeps groups apart', async () => {
      const group = newGroup();
      await claim(group, { partition: '0', owner: 'a' });
      expect(await ledger().ownerships({ ...group, consumerGroup: 'router' })).toEqual([]);
      expect(await ledger().ownerships(newGroup())).toEqual([]);
    });

    test('is renewed, stolen and given up by naming the etag that was seen', async () => {
      const group = newGroup();
      const first = await claim(group, { partition: '0', owner: 'a' });
      const renewed = await claim(group, first);
      expect(renewed.etag).not.toBe(first.etag);
      const stolen = await claim(group, { ...renewed, owner: 'b' });
      await claim(group, { ...stolen, owner: '' });
      expect(await ledger().ownerships(group)).toMatchObject([{ partition: '0', owner: '' }]);
    });

    test('is not won with an etag that is no longer the newest', async () => {
      const group = newGroup();
      const first = await claim(group, { partition: '0', owner: 'a' });
      await claim(group, { ...first, owner: 'b' });
      expect(await ledger().claim(group, [{ ...first, owner: 'a' }])).toEqual([]);
      expect(await ledger().ownerships(group)).toMatchObject([{ owner: 'b' }]);
    });

    test('is not won without an etag where somebody was', async () => {
      const group = newGroup();
      await claim(group, { partition: '0', owner: 'a' });
      expect(await ledger().claim(group, [{ partition: '0', owner: 'b' }])).toEqual([]);
    });

    test('is not won with an etag where nobody was', async () => {
      const claimed = { partition: '0', owner: 'a', etag: '"none"' };
      expect(await ledger().claim(newGroup(), [claimed])).toEqual([]);
    });

    test.each(['free', 'owned'])('of a %s partition goes to one of many', async (before) => {
      const group = newGroup();
      const seen = before === 'owned' ? await claim(group, { partition: '0', owner: 'x' }) : {};
      const owners = ['a', 'b', 'c', 'd', 'e'];
      const claims = await Promise.all(
        owners.map((owner) => ledger().claim(group, [{ ...seen, partition: '0', owner }])),
      );
      expect(claims.flat()).toHaveLength(1);
      expect(await ledger().ownerships(group)).toMatchObject([{ owner: claims.flat()[0]!.owner }]);
    });

    test('answers with the partitions that were won and leaves out the others', async () => {
      const group = newGroup();
      await claim(group, { partition: '0', owner: 'a' });
      const wanted = ['0', '1'].map((partition) => ({ partition, owner: 'b' }));
      expect(await ledger().claim(group, wanted)).toMatchObject([{ partition: '1', owner: 'b' }]);
    });
  });

  describe(`PartitionLedger, ${name}: checkpoints`, () => {
    const at = (sequence: number): { partition: string; sequence: number; offset: string } => ({
      partition: '3',
      sequence,
      offset: String(sequence * 100),
    });

    test('begin with none', async () => {
      expect(await ledger().checkpoints(newGroup())).toEqual([]);
    });

    test('move forward', async () => {
      const group = newGroup();
      for (const sequence of [0, 5, 6]) {
        expect(await ledger().save(group, at(sequence))).toBe('saved');
      }
      expect(await ledger().checkpoints(group)).toEqual([at(6)]);
    });

    test('never move back', async () => {
      const group = newGroup();
      await ledger().save(group, at(6));
      expect(await ledger().save(group, at(5))).toBe('behind');
      expect(await ledger().checkpoints(group)).toEqual([at(6)]);
    });

    test('may be saved again', async () => {
      const group = newGroup();
      await ledger().save(group, at(6));
      expect(await ledger().save(group, at(6))).toBe('saved');
    });

    test('of many that are saved at once keep the highest', async () => {
      const group = newGroup();
      const sequences = [3, 1, 5, 2, 4];
      await Promise.all(sequences.map((sequence) => ledger().save(group, at(sequence))));
      expect(await ledger().checkpoints(group)).toEqual([at(5)]);
    });

    test('are kept for each partition and are no ownerships', async () => {
      const group = newGroup();
      await claim(group, { partition: '3', owner: 'a' });
      await ledger().save(group, at(1));
      await ledger().save(group, { ...at(2), partition: '4' });
      const checkpoints = await ledger().checkpoints(group);
      expect(sorted(checkpoints)).toEqual([at(1), { ...at(2), partition: '4' }]);
      expect(await ledger().ownerships(group)).toHaveLength(1);
    });
  });
}

function sorted<T extends { readonly partition: string }>(list: readonly T[]): readonly T[] {
  return list.toSorted((a, b) => Number(a.partition) - Number(b.partition));
}
