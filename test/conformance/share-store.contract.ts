import { describe, expect, test } from '@jest/globals';
import { after } from '@headroom/core';
import type { Shares, ShareStore } from '@headroom/ports';
import { newTarget, noon } from './samples.ts';

export function shareStoreContract(name: string, store: () => ShareStore): void {
  describe(`ShareStore, ${name}`, () => {
    test('knows nothing of a pool that nobody shared', async () => {
      expect(await store().read(newTarget())).toBeUndefined();
    });

    test('gives back what was written', async () => {
      const shares = sharesOf(newTarget(), 60);
      expect(await store().replace(shares, undefined)).toMatchObject({ kind: 'written' });
      expect((await store().read(shares.pool))?.shares).toEqual(shares);
    });

    test('one of many wins, at first and later', async () => {
      const { pool } = sharesOf(newTarget(), 0);
      for (let round = 0; round < 2; round++) {
        const etag = (await store().read(pool))?.etag;
        const all = [1, 2, 3, 4].map((amount) => store().replace(sharesOf(pool, amount), etag));
        const kinds = (await Promise.all(all)).map(({ kind }) => kind);
        expect(kinds.filter((kind) => kind === 'written')).toHaveLength(1);
      }
    });

    test('an old etag is a conflict, and changes nothing', async () => {
      const { pool } = sharesOf(newTarget(), 0);
      const first = await store().replace(sharesOf(pool, 1), undefined);
      const etag = first.kind === 'written' ? first.etag : '';
      await store().replace(sharesOf(pool, 2), etag);
      expect(await store().replace(sharesOf(pool, 3), etag)).toEqual({ kind: 'conflict' });
      expect((await store().read(pool))?.shares).toEqual(sharesOf(pool, 2));
    });
  });
}

function sharesOf(pool: string, amount: number): Shares {
  return {
    pool,
    slices: [
      { holder: 'gateway-1', amount, demand: 80.5, until: after(noon, 5000) },
      { holder: 'gateway-2', amount, demand: 0, least: 40.5, until: after(noon, 5000) },
    ],
    taken: [{ at: noon, micros: 1_250_000 }],
  };
}
