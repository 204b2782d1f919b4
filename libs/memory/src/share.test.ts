import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { share } from './share.ts';

const members = fc.uniqueArray(fc.nat(9), { minLength: 1, maxLength: 6 });
const owners = fc.array(fc.option(fc.nat(9), { nil: undefined }), { maxLength: 20 });

function countsOf(shared: readonly (number | undefined)[], ids: readonly number[]): number[] {
  return ids.map((id) => shared.filter((owner) => owner === id).length);
}

test('every partition has a living owner, and the counts differ by one at most', () => {
  fc.assert(
    fc.property(owners, members, (before, ids) => {
      const shared = share(before, ids);
      expect(shared.every((owner) => owner !== undefined && ids.includes(owner))).toBe(true);
      const counts = countsOf(shared, ids);
      expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(1);
    }),
  );
});

test('what is shared evenly stays as it is', () => {
  fc.assert(
    fc.property(owners, members, (before, ids) => {
      const shared = share(before, ids);
      expect(share(shared, ids)).toEqual(shared);
    }),
  );
});

test('without members nobody owns anything', () => {
  expect(share([1, undefined, 2], [])).toEqual([undefined, undefined, undefined]);
});
