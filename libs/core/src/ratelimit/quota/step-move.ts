import { after, secondMs } from '../../lang/instant.ts';
import type { Instant } from '../../lang/instant.ts';
import { longerBackoff } from '../../decision/backoff.ts';
import type { QuotaPool } from '../../setting/quota-pool.ts';
import { allowedUpTo } from './allowed-capacity.ts';
import { memberOf, without } from './pool-state.ts';
import type { Change, Move, PoolState } from '../../decision/quota-facts.ts';

const returnTriesMax = 5;
const waitFirstMs = 5 * secondMs;

export interface MoveStep {
  readonly state: PoolState;
  /** The changes to ask for now. */
  readonly tell: readonly Change[];
  /** What is free has to be read before anything else. */
  readonly wantsFree: boolean;
}

interface StepInput {
  readonly state: PoolState;
  readonly pool: QuotaPool;
  readonly now: Instant;
}

/** Brings a pool's move forward as far as it goes without another answer; the picture is above `advance`. */
export function stepMove(input: StepInput): MoveStep {
  const { move } = input.state;
  if (move === undefined || isWaiting(input.state, move, input.now)) return quiet(input.state);
  switch (move.phase) {
    case 'lowering':
      return lower(input, move);
    case 'raising':
      return raise(input, move);
    case 'returning':
      return giveBack(input, move);
  }
}

/** For an outcome or a capacity of a deployment of the move, or for the time of the next try. */
function isWaiting({ members }: PoolState, move: Move, now: Instant): boolean {
  if (move.waitUntil !== undefined && now < move.waitUntil) return true;
  const concerned = new Set([...move.downs, ...move.ups].map(({ target }) => target));
  return members.some(
    ({ target, inFlight, capacity }) =>
      concerned.has(target) && (inFlight !== undefined || capacity === undefined),
  );
}

function lower(input: StepInput, move: Move): MoveStep {
  if (move.told.length > 0 || move.downs.length === 0) return stepMove(inPhase(input, 'raising'));
  const tell = move.downs.filter((change) => mayLower(input, change));
  return tell.length === 0 ? done(input, true) : telling(input, move, tell);
}

/** The setting may have changed since, and so may the capacity. */
function mayLower({ state, pool }: StepInput, { target, from, to }: Change): boolean {
  const deployment = pool.deployments.find((one) => one.target === target);
  const capacity = memberOf(state, target)?.capacity;
  return deployment !== undefined && to >= deployment.guarantee && capacity === from;
}

function raise(input: StepInput, move: Move): MoveStep {
  if (move.told.length > 0) return afterRaising(input, move);
  if (move.available === undefined) return { ...quiet(input.state), wantsFree: true };
  const fromFree = Math.max(0, sizeOf(move.ups) - sizeOf(move.downs));
  const budget = Math.min(move.available, fromFree + goneFromDonors(input, move));
  const tell = within(input, move.ups, budget);
  return tell.length === 0 ? afterRaising(input, move) : telling(input, move, tell);
}

function afterRaising(input: StepInput, move: Move): MoveStep {
  const short = raised(input, move) < sizeOf(move.ups);
  return owed(input, move) > 0 ? stepMove(inPhase(input, 'returning')) : done(input, short);
}

function giveBack(input: StepInput, move: Move): MoveStep {
  if (move.told.length > 0) return tryAgain(input, move);
  if (move.available === undefined) return { ...quiet(input.state), wantsFree: true };
  const lent = move.downs.map(({ target, from, to }) => {
    return { target, from: memberOf(input.state, target)?.capacity ?? to, to: from };
  });
  if (within(input, lent, owed(input, move)).length === 0) return done(input, true);
  const tell = within(input, lent, Math.min(owed(input, move), move.available));
  return tell.length === 0 ? tryAgain(input, move) : telling(input, move, tell);
}

function tryAgain(input: StepInput, move: Move): MoveStep {
  const tries = move.tries + 1;
  if (owed(input, move) <= 0 || tries >= returnTriesMax) return done(input, true);
  const waitUntil = after(input.now, waitFirstMs * 2 ** move.tries);
  const rest = without(move, 'available');
  return quiet({ ...forgetFree(input.state), move: { ...rest, told: [], tries, waitUntil } });
}

/** The changes cut down to `budget` in their order, to allowed capacities; what does not fit is left out. */
function within({ pool, state }: StepInput, changes: readonly Change[], budget: number) {
  let left = budget;
  return changes.flatMap((change): readonly Change[] => {
    const deployment = pool.deployments.find(({ target }) => target === change.target);
    const from = memberOf(state, change.target)?.capacity;
    if (deployment === undefined || from === undefined || from >= change.to) return [];
    const to = change.to - from <= left ? change.to : allowedUpTo(deployment, from + left);
    if (to === undefined || to <= from || to > change.to) return [];
    left -= to - from;
    return [{ target: change.target, from, to }];
  });
}

/** What donors gave and neither has reached whom it was for nor is back. */
function owed(input: StepInput, move: Move): number {
  const fromFree = Math.max(0, sizeOf(move.ups) - sizeOf(move.downs));
  return goneFromDonors(input, move) - Math.max(0, raised(input, move) - fromFree);
}

function goneFromDonors({ state }: StepInput, { downs }: Move): number {
  return downs.reduce((sum, { target, from }) => {
    return sum + Math.max(0, from - (memberOf(state, target)?.capacity ?? from));
  }, 0);
}

function raised({ state }: StepInput, { ups }: Move): number {
  return ups.reduce((sum, { target, from }) => {
    return sum + Math.max(0, (memberOf(state, target)?.capacity ?? from) - from);
  }, 0);
}

function sizeOf(changes: readonly Change[]): number {
  return changes.reduce((sum, { from, to }) => sum + Math.abs(to - from), 0);
}

/** What was read as free before is not what is free in the next phase. */
function inPhase(input: StepInput, phase: Move['phase']): StepInput {
  const { move } = input.state;
  if (move === undefined) return input;
  const next = { ...without(move, 'available', 'waitUntil'), phase, told: [], tries: 0 };
  return { ...input, state: { ...forgetFree(input.state), move: next } };
}

function forgetFree(state: PoolState): PoolState {
  return without(state, 'free', 'freeAsked');
}

function telling({ state }: StepInput, move: Move, tell: readonly Change[]): MoveStep {
  const told = tell.map(({ target }) => target);
  return { state: { ...state, move: { ...move, told } }, tell, wantsFree: false };
}

function done({ state, now }: StepInput, failed: boolean): MoveStep {
  const rest = without(forgetFree(state), 'move', 'backoff');
  return quiet(failed ? { ...rest, backoff: longerBackoff(state.backoff, now) } : rest);
}

function quiet(state: PoolState): MoveStep {
  return { state, tell: [], wantsFree: false };
}
