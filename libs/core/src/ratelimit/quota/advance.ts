import { durationText } from '../../lang/duration-text.ts';
import { after } from '../../lang/instant.ts';
import type { Instant } from '../../lang/instant.ts';
import type { TargetId } from '../../lang/target.ts';
import type { Reason } from '../../decision/reasons.ts';
import { isOverdue, readPatienceMs, startWithinMs } from '../../decision/guards.ts';
import { planMove } from './plan-move.ts';
import type { PlanInput } from './plan-move.ts';
import { stepMove } from './step-move.ts';
import { withMember } from './pool-state.ts';
import type { Asked, Change, MemberState, PoolState } from '../../decision/quota-facts.ts';

export type Ask =
  | { readonly kind: 'readFree'; readonly commandId: string }
  | { readonly kind: 'read'; readonly target: TargetId; readonly commandId: string }
  | {
      readonly kind: 'scale';
      readonly change: Change;
      readonly commandId: string;
      readonly startBy: Instant;
      readonly text: string;
    };

export interface AdvanceInput extends PlanInput {
  /** Why no new move may begin, by a person's word. A move on its way goes on: stopped halfway it would leave quota to others. */
  readonly held?: Extract<Reason, 'Paused' | 'Frozen'>;
  readonly commandId: (target: TargetId, kind: Ask['kind']) => string;
}

export interface Advanced {
  readonly state: PoolState;
  readonly asks: readonly Ask[];
  readonly reason: Reason;
  readonly text: string;
  /** The move that began, which in mode `observe` is only told. */
  readonly began?: { readonly downs: readonly Change[]; readonly ups: readonly Change[] };
}

/**
 * One look at a pool: asks for what has to be known, brings the move on its way forward, or begins one.
 *
 *                              ┌───────────── everything ended as planned ─────────────┐
 *   nothing ──plan──► lowering ──all ended──► raising ──all ended──┬───────────────────┴──► nothing
 *                                            reads what is free    │ quota of the donors is left over
 *                                                                  ▼
 *                                            returning ──given back, or tried five times──► nothing
 *                                            reads what is free, waits 5 s, 10 s, … between tries
 *
 * No capacity is raised before every lowering has its outcome and the free quota was read after it; all raises of one
 * phase together take no more than that. What donors gave and nobody got goes back to them.
 */
export function advance(input: AdvanceInput): Advanced {
  const { state, asks } = askForCapacities(input);
  const found = state.move === undefined ? begin({ ...input, state }) : go({ ...input, state });
  return { ...found, asks: [...asks, ...found.asks] };
}

function begin(input: AdvanceInput): Advanced {
  const { state, now, policy, held } = input;
  if (held !== undefined) return holding(state, held, 'no move begins');
  if (state.members.some(({ inFlight }) => inFlight !== undefined)) {
    return holding(state, 'InFlight', 'a command is on its way');
  }
  if (state.members.every(({ capacity }) => capacity === undefined)) {
    return holding(state, 'CapacityUnknown', 'no capacity is known yet');
  }
  if (state.backoff !== undefined && now < state.backoff.until) {
    return holding(state, 'Backoff', 'the last move did not succeed');
  }
  if (state.movedAt !== undefined && now < state.movedAt + policy.everyMs) {
    const leftMs = state.movedAt + policy.everyMs - now;
    return holding(state, 'Cooldown', `the next move may begin in ${durationText(leftMs)}`);
  }
  const plan = planMove(input);
  switch (plan.kind) {
    case 'hold':
      return holding(state, plan.why, holdTexts[plan.why]);
    case 'readFree':
      return readFree(input);
    case 'move': {
      const { downs, ups, text } = plan;
      const began = { downs, ups };
      if (policy.mode !== 'act') {
        return { state: { ...state, movedAt: now }, asks: [], reason: 'QuotaMoved', text, began };
      }
      const move = { phase: 'lowering', downs, ups, text, told: [], tries: 0 } as const;
      return { ...go({ ...input, state: { ...state, move, movedAt: now } }), began };
    }
  }
}

const holdTexts = {
  NotTriggered: 'no deployment has calls throttled',
  AtMaximum: 'deployments with throttled calls are at their maximum',
  NoAvailableCapacity: 'no quota is free, and no deployment idle',
} as const;

function go(input: AdvanceInput): Advanced {
  const { now, commandId } = input;
  const { state, tell, wantsFree } = stepMove(input);
  if (wantsFree) return readFree({ ...input, state });
  const text = input.state.move?.text ?? '';
  const startBy = after(now, startWithinMs);
  let next = state;
  const asks = tell.map((change): Ask => {
    const id = commandId(change.target, 'scale');
    const inFlight = { commandId: id, to: change.to, startBy, started: false };
    next = withMember(next, change.target, (member) => ({ ...member, inFlight }));
    return { kind: 'scale', change, commandId: id, startBy, text };
  });
  return { state: next, asks, reason: asks.length > 0 ? 'QuotaMoved' : 'InFlight', text };
}

function readFree({ state, now, pool, commandId }: AdvanceInput): Advanced {
  if (!mayAsk(state.freeAsked, now)) return holding(state, 'CapacityUnknown', waitsForFree);
  const freeAsked = { commandId: commandId(pool.id, 'readFree'), at: now };
  const asks = [{ kind: 'readFree', commandId: freeAsked.commandId } as const];
  return { ...holding({ ...state, freeAsked }, 'CapacityUnknown', waitsForFree), asks };
}

const waitsForFree = 'waits to hear what quota is free';

/** Of deployments whose capacity is unknown, or whose command nobody began. */
function askForCapacities({ state: before, now, commandId }: AdvanceInput) {
  const asks: Ask[] = [];
  let state = before;
  for (const member of before.members) {
    if (!wantsCapacity(member, now) || !mayAsk(member.asked, now)) continue;
    const id = commandId(member.target, 'read');
    asks.push({ kind: 'read', target: member.target, commandId: id });
    const asked = { commandId: id, at: now };
    state = withMember(state, member.target, (one) => ({ ...one, asked }));
  }
  return { state, asks };
}

function wantsCapacity({ capacity, inFlight }: MemberState, now: Instant): boolean {
  if (inFlight === undefined) return capacity === undefined;
  return isOverdue(inFlight, now);
}

function mayAsk(asked: Asked | undefined, now: Instant): boolean {
  return asked === undefined || now >= asked.at + readPatienceMs;
}

function holding(state: PoolState, reason: Reason, text: string): Advanced {
  return { state, asks: [], reason, text };
}
