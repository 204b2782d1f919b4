import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { shareOut } from './share-out.ts';

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
