import type { Ownership } from './partition-ledger.ts';

export interface GroupView {
  readonly member: string;
  /** All partitions of the hub. */
  readonly partitions: readonly string[];
  readonly ownerships: readonly Ownership[];
  readonly nowMs: number;
  /** An ownership that was not renewed for so long is free. */
  readonly expiryMs: number;
  /** From 0 up to 1: which of several partitions that are as good, so that members do not all want the same one. */
  readonly random: () => number;
}

/**
 * What `member` claims now, each with the etag that it saw: its own partitions, which renews them, and as many more as
 * its fair share lacks, free ones first and then from the members that hold the most. Everybody's share is equal but for
 * one partition, so members that follow it come to rest in a round or two.
 */
export function claimsOf(view: GroupView): readonly Ownership[] {
  const { member, partitions } = view;
  const seen = new Map(view.ownerships.map((one) => [one.partition, one]));
  const held = holdingsOf(view);
  const own = held.get(member) ?? [];
  const free = partitions.filter((id) => !isHeld(seen.get(id), view));
  const wantedCount = shareOf(member, held, partitions.length) - own.length;
  const fromFree = pick(free, wantedCount, view.random);
  const stolen = steal(view, held, wantedCount - fromFree.length);
  return [...own, ...fromFree, ...stolen].map((partition) => {
    const etag = seen.get(partition)?.etag;
    return { partition, owner: member, ...(etag === undefined ? {} : { etag }) };
  });
}

function isHeld(ownership: Ownership | undefined, { nowMs, expiryMs }: GroupView): boolean {
  if (ownership === undefined || ownership.owner === '') return false;
  return nowMs - (ownership.modifiedAtMs ?? 0) < expiryMs;
}

/** The partitions of each living member; `member` itself is one, whether it holds any or not. */
function holdingsOf(view: GroupView): ReadonlyMap<string, readonly string[]> {
  const held = new Map<string, string[]>([[view.member, []]]);
  const known = new Set(view.partitions);
  for (const ownership of view.ownerships) {
    if (!known.has(ownership.partition) || !isHeld(ownership, view)) continue;
    const { owner, partition } = ownership;
    held.set(owner, [...(held.get(owner) ?? []), partition]);
  }
  return held;
}

/** Where the partitions do not divide evenly, one more for as many members as there are partitions left over. */
function shareOf(
  member: string,
  held: ReadonlyMap<string, readonly string[]>,
  partitions: number,
): number {
  const least = Math.floor(partitions / held.size);
  const leftOver = partitions % held.size;
  const others = [...held].filter(([owner]) => owner !== member);
  const above = others.filter(([, list]) => list.length > least).length;
  return above < leftOver ? least + 1 : least;
}

/** One at a time from the member that holds the most, as long as it holds more than its share. */
function steal(
  { member, partitions, random }: GroupView,
  held: ReadonlyMap<string, readonly string[]>,
  count: number,
): readonly string[] {
  const others = [...held].filter(([owner]) => owner !== member).map(([, list]) => [...list]);
  const least = Math.floor(partitions.length / held.size);
  const own = (held.get(member) ?? []).length;
  const stolen: string[] = [];
  while (stolen.length < count) {
    const richest = others.toSorted((a, b) => b.length - a.length)[0];
    const mine = own + stolen.length;
    if (richest === undefined || richest.length <= Math.max(least, mine + 1)) break;
    stolen.push(...richest.splice(Math.floor(random() * richest.length), 1));
  }
  return stolen;
}

function pick(from: readonly string[], count: number, random: () => number): readonly string[] {
  const left = [...from];
  const picked: string[] = [];
  while (picked.length < count && left.length > 0) {
    picked.push(...left.splice(Math.floor(random() * left.length), 1));
  }
  return picked;
}
