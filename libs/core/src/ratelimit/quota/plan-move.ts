import type { Instant } from '../../lang/instant.ts';
import type { TargetId } from '../../lang/target.ts';
import type { PooledDeployment, QuotaPool, QuotaPoolPolicy } from '../../setting/quota-pool.ts';
import { allowedFrom, allowedUpTo } from './allowed-capacity.ts';
import { moveText } from './move-text.ts';
import type { Change, MemberState, MemberUse, PoolState } from '../../decision/quota-facts.ts';

export interface PlanInput {
  readonly pool: QuotaPool;
  readonly policy: QuotaPoolPolicy;
  readonly state: PoolState;
  readonly use: (target: TargetId) => MemberUse | undefined;
  readonly now: Instant;
}

export type MovePlan =
  | {
      readonly kind: 'move';
      readonly downs: readonly Change[];
      readonly ups: readonly Change[];
      readonly text: string;
    }
  /** Somebody needs quota, and what is free is not known: ask. */
  | { readonly kind: 'readFree' }
  | { readonly kind: 'hold'; readonly why: 'NotTriggered' | 'AtMaximum' | 'NoAvailableCapacity' };

/** Most that one move multiplies a deployment's capacity by: clients that retry make the demand look larger than it is. */
const growthMost = 3;

/**
 * Of what nobody uses, the part that throttled deployments get at once even where their demand seems smaller: a burst that has just
 * begun shows little of itself, and idle quota is of no use to anybody.
 */
const spareShare = 0.5;

/**
 * Whom to take quota from and whom to give it to. Whoever has calls throttled, or less than its guarantee, is given what it
 * seems to need: of the free quota first, then of what idle deployments do not use, the lowest priority and the idlest first.
 * Nobody is taken below its guarantee or below its use with the reserve.
 */
export function planMove(input: PlanInput): MovePlan {
  const seats = seatsOf(input);
  const gifts = seats.flatMap((seat) => giftOf(seat, input.policy)).sort(lowestAndIdlestFirst);
  const spare = gifts.reduce((sum, { seat, keep }) => sum + seat.capacity - keep, 0);
  const budget = spare + Math.max(0, input.state.free?.amount ?? 0);
  const extra = Math.floor((budget * spareShare) / Math.max(1, seats.filter(isThrottled).length));
  const claims = seats.flatMap((seat) => claimOf(seat, input.policy, extra)).sort(byPriority);
  if (claims.length === 0) return { kind: 'hold', why: whyNobody(seats) };
  const { free } = input.state;
  if (free === undefined || input.now - free.observedAt >= input.policy.everyMs) {
    return { kind: 'readFree' };
  }
  const ups = share(claims, free.amount + spare);
  if (ups.length === 0) return { kind: 'hold', why: 'NoAvailableCapacity' };
  const downs = takeFrom(gifts, sumOf(ups) - free.amount);
  return { kind: 'move', downs, ups, text: moveText(downs, ups, input.use) };
}

/** A deployment that may take part: its capacity is known and nothing of it is on its way. */
interface Seat {
  readonly deployment: PooledDeployment;
  readonly capacity: number;
  readonly use: MemberUse | undefined;
}

interface Claim {
  readonly seat: Seat;
  readonly belowGuarantee: boolean;
  /** The capacity that it asks for, an allowed one. */
  readonly wanted: number;
}

interface Gift {
  readonly seat: Seat;
  /** The least that it may be lowered to, an allowed one. */
  readonly keep: number;
  readonly share: number;
}

function seatsOf({ pool, state, use, now }: PlanInput): readonly Seat[] {
  return pool.deployments.flatMap((deployment) => {
    const member = state.members.find(({ target }) => target === deployment.target);
    if (member?.capacity === undefined || !isFree(member, now)) return [];
    return [{ deployment, capacity: member.capacity, use: use(deployment.target) }];
  });
}

function isFree({ inFlight, backoff }: MemberState, now: Instant): boolean {
  return inFlight === undefined && (backoff === undefined || backoff.until <= now);
}

function claimOf(seat: Seat, policy: QuotaPoolPolicy, extra: number): readonly Claim[] {
  const { deployment, capacity } = seat;
  const least = allowedFrom(deployment, deployment.guarantee) ?? 0;
  const belowGuarantee = capacity < least;
  const wanted = allowedUpTo(deployment, Math.max(least, demandOf(seat, policy, extra)));
  return wanted === undefined || wanted <= capacity ? [] : [{ seat, belowGuarantee, wanted }];
}

/**
 * While calls are throttled Azure counts the whole capacity as used, whatever tokens were: it estimates them as a call comes
 * in. So the demand is the capacity, times the calls that came for each that was served, with the reserve that everybody keeps.
 */
function demandOf(seat: Seat, { reserve }: QuotaPoolPolicy, extra: number): number {
  const { deployment, capacity, use } = seat;
  if (use === undefined || !isThrottled(seat)) return 0;
  const times = use.served > 0 ? (use.served + use.throttled) / use.served : growthMost;
  const next = allowedFrom(deployment, Math.floor(capacity) + 1) ?? capacity;
  const demand = Math.ceil(capacity * Math.min(times, growthMost) * (1 + reserve));
  return Math.max(next, demand, capacity + extra);
}

function giftOf(seat: Seat, { idleBelow, reserve }: QuotaPoolPolicy): readonly Gift[] {
  const { deployment, capacity, use } = seat;
  if (use === undefined || use.throttled > 0 || capacity <= 0) return [];
  if (use.used >= idleBelow * capacity) return [];
  const needs = Math.max(deployment.guarantee, Math.ceil(use.used * (1 + reserve)));
  const keep = allowedFrom(deployment, needs);
  if (keep === undefined || keep >= capacity) return [];
  return [{ seat, keep, share: use.used / capacity }];
}

function isThrottled({ use }: Seat): boolean {
  return use !== undefined && use.throttled > 0;
}

function whyNobody(seats: readonly Seat[]): 'NotTriggered' | 'AtMaximum' {
  return seats.some(isThrottled) ? 'AtMaximum' : 'NotTriggered';
}

/** Guarantees first, then priorities; of equals whoever has most calls throttled, then by name. */
function byPriority(a: Claim, b: Claim): number {
  return (
    Number(b.belowGuarantee) - Number(a.belowGuarantee) ||
    b.seat.deployment.priority - a.seat.deployment.priority ||
    (b.seat.use?.throttled ?? 0) - (a.seat.use?.throttled ?? 0) ||
    (a.seat.deployment.target < b.seat.deployment.target ? -1 : 1)
  );
}

function lowestAndIdlestFirst(a: Gift, b: Gift): number {
  return (
    a.seat.deployment.priority - b.seat.deployment.priority ||
    a.share - b.share ||
    (a.seat.deployment.target < b.seat.deployment.target ? -1 : 1)
  );
}

/** Claims of one priority are served in proportion, a higher one's before a lower one's. */
function share(claims: readonly Claim[], budget: number): readonly Change[] {
  const ups: Change[] = [];
  let left = budget;
  for (let begin = 0; begin < claims.length;) {
    const peers = claims.slice(begin).filter((claim) => isPeer(claim, claims[begin]));
    const asked = peers.reduce((sum, { seat, wanted }) => sum + wanted - seat.capacity, 0);
    const part = Math.min(1, left / asked);
    for (const { seat, wanted } of peers) {
      const most = Math.min(left, Math.max(1, Math.floor((wanted - seat.capacity) * part)));
      const to = firstAllowed(seat, most, left, wanted);
      if (to === undefined) continue;
      left -= to - seat.capacity;
      ups.push({ target: seat.deployment.target, from: seat.capacity, to });
    }
    begin += peers.length;
  }
  return ups;
}

function isPeer(claim: Claim, other: Claim | undefined): boolean {
  return (
    claim.belowGuarantee === other?.belowGuarantee &&
    claim.seat.deployment.priority === other.seat.deployment.priority
  );
}

/** Its part, or where that is less than a step one step, if that much is left. */
function firstAllowed(
  { deployment, capacity }: Seat,
  part: number,
  left: number,
  wanted: number,
): number | undefined {
  const to = allowedUpTo(deployment, capacity + part);
  if (to !== undefined && to > capacity) return to;
  const next = allowedFrom(deployment, Math.floor(capacity) + 1);
  return next !== undefined && next <= wanted && next - capacity <= left ? next : undefined;
}

function takeFrom(gifts: readonly Gift[], needed: number): readonly Change[] {
  const downs: Change[] = [];
  let left = needed;
  for (const { seat, keep } of gifts) {
    if (left <= 0) break;
    const { deployment, capacity } = seat;
    const to = Math.max(keep, allowedUpTo(deployment, capacity - left) ?? keep);
    downs.push({ target: deployment.target, from: capacity, to });
    left -= capacity - to;
  }
  return downs;
}

function sumOf(changes: readonly Change[]): number {
  return changes.reduce((sum, { from, to }) => sum + Math.abs(to - from), 0);
}
