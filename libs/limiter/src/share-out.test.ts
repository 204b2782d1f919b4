import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { shareInTurn, shareOut } from './share-out.ts';

function sharesOf(units: number, demands: readonly number[]): readonly number[] {
  const claims = demands.map((demand, index) => ({ holder: `h${index}`, demand }));
  const shares = shareOut(units, claims);
  return claims.map(({ holder }) => shares.get(holder) ?? NaN);
}

test.each([
  [10, [0], [10]],
  [10, [0, 0, 0], [4, 3, 3]],
  [10, [99, 99, 99], [4, 3, 3]],
  [100, [100, 0, 0], [100, 0, 0]],
  [100, [100, 20, 0], [80, 20, 0]],
  [100, [10, 20, 0], [34, 43, 23]],
  [100, [70, 60, 10], [45, 45, 10]],
  [2, [5, 5, 5], [1, 1, 0]],
  [0, [5, 5], [0, 0]],
])('%d units for who asks for %j: %j', (units, demands, shares) => {
  expect(sharesOf(units, demands)).toEqual(shares);
});

test('gives out everything, and nobody who asks for less than an equal share gets less than that', () => {
  fc.assert(
    fc.property(
      fc.nat(1000),
      fc.array(fc.float({ min: 0, max: 1000, noNaN: true }), { minLength: 1, maxLength: 8 }),
      (units, demands) => {
        const shares = sharesOf(units, demands);
        expect(shares.reduce((sum, share) => sum + share, 0)).toBe(units);
        shares.forEach((share, index) => {
          const due = Math.min(demands[index] ?? 0, units / demands.length);
          expect(share).toBeGreaterThanOrEqual(Math.floor(due + 1e-9));
        });
      },
    ),
  );
});

test('where a share would hold no call some have one, and each has its turn', () => {
  const claims = ['a', 'b', 'c'].map((holder) => ({ holder, demand: 50 }));
  const had = new Map<string, number>();
  for (let turn = 0; turn < 60; turn++) {
    const shares = shareInTurn(100, claims, 40, turn);
    expect([...shares.values()]).toEqual([50, 50]);
    for (const holder of shares.keys()) had.set(holder, (had.get(holder) ?? 0) + 1);
  }
  expect(Math.min(...had.values())).toBeGreaterThan(25);
  expect(had.size).toBe(3);
});

test('where shares hold a call all have theirs in each turn', () => {
  const claims = ['a', 'b', 'c'].map((holder) => ({ holder, demand: 50 }));
  expect(shareInTurn(120, claims, 40, 1)).toEqual(shareOut(120, claims));
});
