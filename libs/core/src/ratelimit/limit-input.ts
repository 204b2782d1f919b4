import type { Instant } from '../lang/instant.ts';
import type { LimitFacts } from '../decision/limit-facts.ts';
import type { TargetState } from '../decision/decision.ts';
import type { AiAccount, ThrottlingRule } from '../setting/ai-account.ts';
import type { Override } from '../setting/override.ts';
import type { RateLimitPolicy } from '../setting/rate-limit-policy.ts';

/** Everything that a decision on one limit depends on. */
export interface LimitInput {
  readonly account: AiAccount;
  readonly rule: ThrottlingRule;
  readonly policy: RateLimitPolicy;
  readonly overrides: readonly Override[];
  readonly state: TargetState;
  readonly facts: LimitFacts;
  /** Log time. */
  readonly now: Instant;
}
