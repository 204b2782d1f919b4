import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { havingTurn, shareInTurn, shareOut } from './share-out.ts';

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

test('where equal shares would hold no call some have one, and each has its turn', () => {
  const claims = ['a', 'b', 'c'].map((holder) => ({ holder, demand: 50, least: 40 }));
  const had = new Map<string, number>();
  for (let turn = 0; turn < 60; turn++) {
    const shares = shareInTurn(100, claims, turn);
    expect([...shares.values()].sort()).toEqual([20, 40, 40]);
    for (const [holder, share] of shares) {
      if (share === 40) had.set(holder, (had.get(holder) ?? 0) + 1);
    }
  }
  expect(Math.min(...had.values())).toBeGreaterThan(25);
  expect(had.size).toBe(3);
});

test('where shares hold a call all have theirs in each turn', () => {
  const claims = ['a', 'b', 'c'].map((holder) => ({ holder, demand: 50, least: 40 }));
  expect(shareInTurn(120, claims, 1)).toEqual(shareOut(120, claims));
});

test.each([
  // One large call beside small ones: they have the rest.
  [
    [60, 1, 1],
    [60, 20, 20],
  ],
  [
    [30, 30, 30],
    [34, 33, 33],
  ],
  [
    [45, 35, 20],
    [45, 35, 20],
  ],
  [
    [100, 0, 0],
    [100, 0, 0],
  ],
])('who needs %j at least of 100 has %j', (least, expected) => {
  const claims = least.map((one, index) => ({ holder: `h${index}`, demand: 90, least: one }));
  const shares = shareInTurn(100, claims, 1);
  expect(claims.map(({ holder }) => shares.get(holder) ?? 0)).toEqual(expected);
});

test('what is shared out in turns is never more than there is, and holds the call of whoever has its turn', () => {
  const demand = fc.float({ min: 0, max: 1000, noNaN: true });
  const claim = fc.record({ demand, least: fc.nat(1200) });
  fc.assert(
    fc.property(fc.nat(1000), fc.nat(99), fc.array(claim, { maxLength: 8 }), (units, turn, all) => {
      const claims = all.map((one, index) => ({ ...one, holder: `h${index}` }));
      const shares = shareInTurn(units, claims, turn);
      const sum = [...shares.values()].reduce((total, share) => total + share, 0);
      expect(sum).toBe(claims.length === 0 ? 0 : units);
      const asking = claims.filter((one) => one.demand > 0);
      // Where an equal share holds the call, whoever asks has it at the next renewal: its demand has grown by then.
      if (asking.every(({ least }) => least <= units / asking.length)) return;
      for (const [holder, least] of havingTurn(units, claims, turn)) {
        expect(shares.get(holder)).toBeGreaterThanOrEqual(least);
      }
    }),
  );
});
