import type { TargetId } from '../../lang/target.ts';
import type { Change, MemberUse } from '../../decision/quota-facts.ts';

/**
 * "moved 20k TPM from B, idle at 8 %, to A, 412 throttled calls a minute". A unit of capacity is a thousand tokens a minute for
 * the models whose quota this moves.
 */
export function moveText(
  downs: readonly Change[],
  ups: readonly Change[],
  use: (target: TargetId) => MemberUse | undefined,
): string {
  const given = ups.reduce((sum, { from, to }) => sum + to - from, 0);
  const taken = downs.reduce((sum, { from, to }) => sum + from - to, 0);
  const fromFree = given > taken ? ['free quota'] : [];
  const donors = downs.map(({ target, from }) => {
    const share = ((use(target)?.used ?? 0) / from) * 100;
    return `${nameOf(target)}, idle at ${share.toFixed(0)} %`;
  });
  const takers = ups.map((change) => takerText(change, use(change.target)));
  return `moved ${amount(given)} from ${list([...fromFree, ...donors])}, to ${list(takers)}`;
}

function takerText({ target }: Change, use: MemberUse | undefined): string {
  const throttled = use?.throttled ?? 0;
  if (throttled === 0) return `${nameOf(target)}, below its guarantee`;
  return `${nameOf(target)}, ${Math.round(throttled)} throttled calls a minute`;
}

/** The last name of an ARM id. */
export function nameOf(target: TargetId): string {
  return target.slice(target.lastIndexOf('/') + 1);
}

function amount(capacity: number): string {
  return `${capacity}k TPM`;
}

/** Deployments that a text names; it says how many more there are. */
const namesMax = 4;

function list(parts: readonly string[]): string {
  const more = parts.length - namesMax;
  const named = more > 0 ? [...parts.slice(0, namesMax), `${more} more`] : parts;
  return named.length < 2
    ? (named[0] ?? '')
    : `${named.slice(0, -1).join('; ')} and ${named.at(-1) ?? ''}`;
}
