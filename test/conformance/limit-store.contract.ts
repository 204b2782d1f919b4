import { describe, expect, test } from '@jest/globals';
import { after } from '@headroom/core';
import type { AccountLimits, Instant, LimitChange, LimitInForce, TargetId } from '@headroom/core';
import type { LimitController, LimitStore } from '@headroom/ports';
import { newTarget, noon } from './samples.ts';

export function limitControllerContract(name: string, store: () => LimitController): void {
  describe(`LimitController, ${name}`, () => {
    test('knows nothing of an account whose limits nobody set', async () => {
      expect(await store().read(newTarget())).toBeUndefined();
    });

    test('keeps each limit of an account by its key', async () => {
      const account = newTarget();
      expect(await store().set(change(account, { tps: 14.7 }))).toBe('set');
      expect(await store().set(change(account, { key: 'ocr', tps: 30 }))).toBe('set');
      expect(await store().set(change(account, { tps: 21.5, sequence: 2 }))).toBe('set');
      const limits = (await inForce(store(), account)).map(({ key, tps }) => [key, tps]);
      expect(new Map(limits as [string, number][])).toEqual(
        new Map([
          ['vision', 21.5],
          ['ocr', 30],
        ]),
      );
    });

    test.each<[string, Partial<Made>]>([
      ['of an earlier position of the log', { sequence: 4, claimedAt: after(noon, 9000) }],
      ['of another log, claimed before', { logId: 'old', claimedAt: after(noon, -1) }],
      [
        'of another partition, claimed before',
        { partition: 7, sequence: 9, claimedAt: after(noon, -1) },
      ],
      ['from outside, claimed before', { sequence: undefined, claimedAt: after(noon, -1) }],
    ])('an older claim, %s, does not write after a newer one', async (_, older) => {
      const account = newTarget();
      await store().set(change(account, { tps: 40, sequence: 5 }));
      expect(await store().set(change(account, { tps: 10, ...older }))).toBe('stale');
      expect(await inForce(store(), account)).toMatchObject([{ tps: 40 }]);
    });

    test('a later claim of another partition writes, whatever its sequence', async () => {
      const account = newTarget();
      await store().set(change(account, { tps: 40, sequence: 5_000 }));
      const later = { partition: 7, sequence: 3, claimedAt: after(noon, 1) };
      expect(await store().set(change(account, { tps: 10, ...later }))).toBe('set');
      expect(await inForce(store(), account)).toMatchObject([{ tps: 10 }]);
    });

    test('the same change again is set again', async () => {
      const account = newTarget();
      const made = change(account, { tps: 40, sequence: 5 });
      expect([await store().set(made), await store().set(made)]).toEqual(['set', 'set']);
    });

    test('many writers of one account lose nothing of each other', async () => {
      const account = newTarget();
      const keys = ['a', 'b', 'c', 'd', 'e'];
      await Promise.all(keys.map((key) => store().set(change(account, { key }))));
      const found = (await inForce(store(), account)).map(({ key }) => key).sort();
      expect(found).toEqual(keys);
    });
  });
}

export function limitStoreContract(name: string, store: () => LimitStore): void {
  limitControllerContract(name, store);

  describe(`LimitStore, ${name}`, () => {
    test('is followed: everything first, then each change', async () => {
      const account = newTarget();
      await store().set(change(account, { tps: 20 }));
      const ending = new AbortController();
      const seen: number[] = [];
      const following = store().follow((all) => {
        const tps = tpsOf(all, account);
        if (tps === undefined) return;
        seen.push(tps);
        if (seen.length === 1) void store().set(change(account, { tps: 30, sequence: 2 }));
        if (tps === 30) ending.abort();
      }, ending.signal);
      await following;
      expect(seen).toEqual([20, 30]);
    });
  });
}

async function inForce(
  store: LimitController,
  account: TargetId,
): Promise<readonly LimitInForce[]> {
  const found = await store.read(account);
  if (found === undefined || 'kind' in found) throw new Error(JSON.stringify(found));
  return found.limits;
}

interface Made {
  readonly key: string;
  readonly tps: number;
  readonly logId: string;
  readonly partition: number;
  readonly sequence: number | undefined;
  readonly claimedAt: Instant;
}

function change(account: TargetId, made: Partial<Made>): LimitChange {
  const { key = 'vision', tps = 10, logId = 'log', partition = 0, claimedAt = noon } = made;
  const sequence = 'sequence' in made ? made.sequence : 1;
  const position = sequence === undefined ? {} : { position: { logId, partition, sequence } };
  return { account, key, tps, commandId: `c${tps}`, claimedAt, ...position };
}

function tpsOf(all: readonly AccountLimits[], account: TargetId): number | undefined {
  return all.find((one) => one.account === account)?.limits[0]?.tps;
}
