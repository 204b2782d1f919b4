import type { Instant } from '../../lang/instant.ts';
import { isFailure } from '../../outcome/outcome.ts';
import type { CapacityObservation, Outcome, Started } from '../../outcome/outcome.ts';
import type { QuotaPool } from '../../setting/quota-pool.ts';
import { isOverdue } from '../../decision/guards.ts';
import { longerBackoff } from '../../decision/backoff.ts';
import { memberOf, withMember, without } from './pool-state.ts';
import type { MemberState, PoolState } from '../../decision/quota-facts.ts';

/** A command of a deployment was begun. */
export function started(state: PoolState, { target, commandId }: Started): PoolState {
  return withMember(state, target, (member) => {
    const { inFlight } = member;
    if (inFlight?.commandId !== commandId) return member;
    return { ...member, inFlight: { ...inFlight, started: true } };
  });
}

/** One ended, ours or somebody else's. Without the capacity afterwards nobody knows it, and it is read. */
export function ended(state: PoolState, outcome: Outcome, now: Instant): PoolState {
  return withMember(state, outcome.target, (member) => {
    const seen = withCapacity(without(member, 'asked'), outcome.capacity, now);
    return member.inFlight?.commandId === outcome.commandId ? settled(seen, outcome, now) : seen;
  });
}

function withCapacity(
  member: MemberState,
  capacity: number | undefined,
  now: Instant,
): MemberState {
  if (capacity === member.capacity) return member;
  const { capacity: before, ...rest } = member;
  if (capacity === undefined) return rest;
  return { ...rest, capacity, ...(before === undefined ? {} : { changedAt: now }) };
}

/** That the quota was taken by others is no fault of the deployment's. */
function settled(member: MemberState, { kind }: Outcome, now: Instant): MemberState {
  const rest = without(member, 'inFlight', 'backoff');
  const failed = isFailure(kind) && kind !== 'QuotaExceeded';
  return failed ? { ...rest, backoff: longerBackoff(member.backoff, now) } : rest;
}

/** A capacity was read: of a deployment, or of the pool what is free. */
export function observed(
  state: PoolState,
  pool: QuotaPool,
  observation: CapacityObservation,
  now: Instant,
): PoolState {
  if (observation.target === pool.id) return freeObserved(state, observation, now);
  return withMember(state, observation.target, (member) => {
    const { asked, ...rest } = member;
    if (observation.instances === undefined) return member;
    const isAnswer = asked?.commandId === observation.commandId;
    const seen = isAnswer ? rest : member;
    const known = withCapacity(seen, observation.instances, now);
    if (seen.inFlight === undefined) return known;
    return isAnswer && isOverdue(seen.inFlight, now) ? givenUp(known) : seen;
  });
}

/** Only the answer to our own newest question counts: an older one may have been read before a lowering. */
function freeObserved(
  state: PoolState,
  { commandId, instances }: CapacityObservation,
  now: Instant,
): PoolState {
  const { freeAsked, ...rest } = state;
  if (instances === undefined || freeAsked?.commandId !== commandId) return state;
  const free = { amount: instances, observedAt: now };
  const { move } = state;
  if (move === undefined || move.phase === 'lowering') return { ...rest, free };
  return { ...rest, free, move: { ...move, available: instances } };
}

function givenUp(member: MemberState): MemberState {
  return without(member, 'inFlight');
}

/** The state under another version of the pool: who stays keeps what is known, who went takes no part any more. */
export function underPool(state: PoolState, pool: QuotaPool): PoolState {
  const members = pool.deployments.map(({ target }) => memberOf(state, target) ?? { target });
  if (state.move === undefined) return { ...state, members };
  const stays = ({ target }: { readonly target: string }) =>
    members.some((member) => member.target === target);
  const { downs, ups } = state.move;
  const move = { ...state.move, downs: downs.filter(stays), ups: ups.filter(stays) };
  return { ...state, members, move };
}
