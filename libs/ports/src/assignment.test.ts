import { describe, expect, test } from '@jest/globals';
import type { Ownership } from './partition-ledger.ts';
import { claimsOf } from './assignment.ts';

const expiryMs = 5000;
const nowMs = 100_000;

/** `aab-`: partitions 0 and 1 are owned by `a`, 2 by `b`, 3 was given up; `A` did not renew in time. */
function ownershipsOf(text: string): readonly Ownership[] {
  return Array.from(text, (letter, at) => ({
    partition: String(at),
    owner: letter === '-' ? '' : letter.toLowerCase(),
    etag: `etag ${at}`,
    modifiedAtMs: letter === letter.toLowerCase() ? nowMs - 1000 : nowMs - expiryMs,
  }));
}

function claimed(member: string, owned: string, partitions = owned.length): readonly Ownership[] {
  return claimsOf({
    member,
    partitions: Array.from({ length: partitions }, (_, at) => String(at)),
    ownerships: ownershipsOf(owned),
    ...{ nowMs, expiryMs, random: () => 0 },
  });
}

const idsOf = (claims: readonly Ownership[]): string[] => claims.map(({ partition }) => partition);

describe('what a member claims', () => {
  test.each([
    ['everything, when it is alone', 'a', '----', ['0', '1', '2', '3']],
    ['its own again: it renews them', 'a', 'aaaa', ['0', '1', '2', '3']],
    ['what is left, with its own', 'a', 'aabb', ['0', '1']],
    ['what was given up', 'a', 'abb-', ['0', '3']],
    ['what a dead member held', 'a', 'aaBB', ['0', '1', '2', '3']],
    ['half of what another holds', 'a', 'bbbb', ['0', '1']],
    ['its share of three', 'a', 'bbbccc', ['0', '3']],
    ['no more than one above the least', 'a', 'aabbb', ['0', '1']],
    ['the one left over, when nobody has it', 'a', 'aabb-', ['0', '1', '4']],
    ['nothing, when there are more members than partitions', 'a', 'bc', []],
  ])('%s', (_name, member, owned, expected) => {
    expect(idsOf(claimed(member, owned))).toEqual(expected);
  });

  test('names the etag that it saw, and none where nobody was', () => {
    expect(claimed('a', 'a', 2)).toEqual([
      { partition: '0', owner: 'a', etag: 'etag 0' },
      { partition: '1', owner: 'a' },
    ]);
  });

  test('never a partition that the hub does not have', () => {
    expect(idsOf(claimed('a', 'aaab', 2))).toEqual(['0', '1']);
  });
});

describe('members that claim one after the other', () => {
  test.each([
    [12, 2],
    [12, 5],
    [16, 3],
    [4, 6],
    [1, 2],
  ])(
    '%d partitions come to rest among %d, and nobody holds two more than another',
    (size, count) => {
      const members = Array.from({ length: count }, (_, at) => `m${at}`);
      let ownerships: readonly Ownership[] = [];
      const partitions = Array.from({ length: size }, (_, at) => String(at));
      const round = (): number => {
        let moved = 0;
        for (const member of members) {
          const random = (): number => (moved * 0.37) % 1;
          const claims = claimsOf({ member, partitions, ownerships, nowMs, expiryMs, random });
          const taken = new Map(claims.map((one) => [one.partition, one]));
          const before = new Map(ownerships.map((one) => [one.partition, one.owner]));
          moved += claims.filter(({ partition }) => before.get(partition) !== member).length;
          const kept = ownerships.filter(({ partition }) => !taken.has(partition));
          ownerships = [...kept, ...claims.map((one) => ({ ...one, modifiedAtMs: nowMs }))];
        }
        return moved;
      };
      for (let rounds = 0; rounds < 3; rounds++) round();
      expect(round()).toBe(0);
      expect(ownerships).toHaveLength(size);
      const counts = members.map((one) => ownerships.filter(({ owner }) => owner === one).length);
      expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(1);
    },
  );
});
