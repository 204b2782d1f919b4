/**
 * Who reads which partition: `owners[partition]` is a member's id. Partitions without a living owner go to the member
 * with the fewest; then one at a time moves from the member with the most, until the counts differ by one at most.
 * Deterministic: ties go to the lower id and the lower partition.
 */
export function share(
  owners: readonly (number | undefined)[],
  members: readonly number[],
): (number | undefined)[] {
  const shared = owners.map((owner) =>
    owner !== undefined && members.includes(owner) ? owner : undefined,
  );
  if (members.length === 0) return shared;
  for (let partition = 0; partition < shared.length; partition++) {
    shared[partition] ??= poorest(shared, members);
  }
  for (let moves = 0; moves < shared.length; moves++) {
    const rich = richest(shared, members);
    const poor = poorest(shared, members);
    if (count(shared, rich) - count(shared, poor) <= 1) break;
    shared[shared.lastIndexOf(rich)] = poor;
  }
  return shared;
}

type Owners = readonly (number | undefined)[];

function count(owners: Owners, member: number): number {
  return owners.filter((owner) => owner === member).length;
}

function poorest(owners: Owners, members: readonly number[]): number {
  return members.reduce((best, member) =>
    count(owners, member) < count(owners, best) ? member : best,
  );
}

function richest(owners: Owners, members: readonly number[]): number {
  return members.reduce((best, member) =>
    count(owners, member) > count(owners, best) ? member : best,
  );
}
