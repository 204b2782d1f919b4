import { hourMs } from '../lang/instant.ts';
import type { Instant, Millis } from '../lang/instant.ts';
import type { Direction, TargetState } from '../decision/decision.ts';
import { flapBudgetMax } from '../setting/policy.ts';

/** An action from which cooldowns count. */
export interface Action {
  readonly at: Instant;
  readonly direction?: Direction;
  /** The cooldown of the rule whose result won. */
  readonly cooldownMs?: Millis;
}

/** `state` after an action. One that was decided before the last one known counts for the budget only. */
export function acted(state: TargetState, action: Action): TargetState {
  const { capacity, inFlight, backoff, lastActionAt } = state;
  const recentActions = withAction(state.recentActions ?? [], action.at);
  if (lastActionAt !== undefined && lastActionAt > action.at) return { ...state, recentActions };
  return {
    capacity,
    ...(inFlight === undefined ? {} : { inFlight }),
    ...(backoff === undefined ? {} : { backoff }),
    lastActionAt: action.at,
    ...(action.direction === undefined ? {} : { lastActionDirection: action.direction }),
    ...(action.cooldownMs === undefined ? {} : { lastCooldownMs: action.cooldownMs }),
    recentActions,
  };
}

/** In order of time, without those that no sliding hour can count any more, and no more than a budget can count. */
function withAction(actions: readonly Instant[], at: Instant): readonly Instant[] {
  const ordered = [...actions, at].sort((a, b) => a - b);
  const newest = ordered.at(-1) ?? at;
  return ordered.filter((time) => newest - time < hourMs).slice(-flapBudgetMax);
}
