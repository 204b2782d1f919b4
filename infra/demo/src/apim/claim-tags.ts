import type { Change } from './request.ts';

/** Which change a named value holds. */
export type Held = Pick<Change, 'commandId' | 'position' | 'claimedAt'>;

/** Of a tag; a command's id from outside may be longer, and is only for people. */
const tagLengthMax = 80;

/** Tags are written in one request with the value, so both are always of one change. */
export function tagsOf({ commandId, position, claimedAt }: Held): readonly string[] {
  const place = position && [
    `log:${position.logId}`,
    `at:${position.partition}/${position.sequence}`,
  ];
  const tags = ['headroom', `command:${commandId}`, `claimed:${claimedAt}`, ...(place ?? [])];
  return tags.map((tag) => tag.slice(0, tagLengthMax));
}

/** Absent: nobody has set the value by this receiver. */
export function heldIn(tags: readonly string[]): Held | undefined {
  const of = (name: string) =>
    tags.find((tag) => tag.startsWith(`${name}:`))?.slice(name.length + 1);
  const [commandId, claimedAt, logId] = [of('command'), of('claimed'), of('log')];
  if (commandId === undefined || claimedAt === undefined) return undefined;
  const [partition, sequence] = (of('at') ?? '').split('/').map(Number);
  const held = { commandId, claimedAt: Number(claimedAt) };
  if (logId === undefined || partition === undefined || sequence === undefined) return held;
  return { ...held, position: { logId, partition, sequence } };
}

/**
 * Whether the change comes after what is held: by position where one
 * partition of a log has both, else by the time of the claim.
 */
export function isNewer(change: Held, held: Held | undefined): boolean {
  if (held === undefined) return true;
  const [after, before] = [change.position, held.position];
  const isOneCount = after?.logId === before?.logId && after?.partition === before?.partition;
  if (after !== undefined && before !== undefined && isOneCount) {
    return after.sequence >= before.sequence;
  }
  return change.claimedAt >= held.claimedAt;
}
