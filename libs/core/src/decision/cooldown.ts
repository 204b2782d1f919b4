import { after, hourMs } from '../lang/instant.ts';
import type { Instant, Millis } from '../lang/instant.ts';
import type { Rule } from '../setting/autoscale-setting.ts';
import type { Policy } from '../setting/policy.ts';
import type { TargetState } from './decision.ts';

interface CooldownInput {
  readonly policy: Policy;
  readonly state: TargetState;
  readonly now: Instant;
}

/**
 * How long a rule still waits since the last action of either direction: by its own cooldown, or by that of the rule that
 * fired last. Microsoft's pages disagree; both are offered.
 */
export function cooldownLeftMs({ action }: Rule, { policy, state, now }: CooldownInput): Millis {
  if (state.lastActionAt === undefined) return 0;
  const ofLast = policy.cooldownFrom === 'lastFiredRule' ? state.lastCooldownMs : undefined;
  return Math.max(0, (ofLast ?? action.cooldownMs) - (now - state.lastActionAt));
}

/** A scale-out need not wait for what a scale-in began. */
export function preemptsCooldown({ policy, state }: CooldownInput): boolean {
  return policy.scaleOutPreemptsCooldown && state.lastActionDirection === 'in';
}

/** When the next action fits into the budget of a sliding hour; `undefined`: now, or there is no budget. */
export function budgetFreeAt({ policy, state, now }: CooldownInput): Instant | undefined {
  if (policy.flapBudget === undefined) return undefined;
  const counted = (state.recentActions ?? []).filter((at) => now - at < hourMs);
  const oldest = counted[counted.length - policy.flapBudget];
  return oldest === undefined ? undefined : after(oldest, hourMs);
}
