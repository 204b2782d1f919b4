import type { Instant, Millis } from '../lang/instant.ts';
import type { Decision, RuleReport, TrailQuestion } from '../decision/decision.ts';
import type { Reason } from '../decision/reasons.ts';
import type { LimitFacts } from '../decision/limit-facts.ts';
import type { ActiveProfile } from '../setting/active-profile.ts';
import type { Rule } from '../setting/autoscale-setting.ts';
import type { Override } from '../setting/override.ts';
import type { Mode, Policy } from '../setting/policy.ts';
import type { QuotaPoolPolicy } from '../setting/quota-pool.ts';
import type { RateLimitPolicy } from '../setting/rate-limit-policy.ts';
import type { Flips } from './flip.ts';

/** A decision with everything that bears on it, for a person. */
export interface Explanation {
  readonly decision: Decision;
  /** The setting that it was made with; absent where that version is not on record, or is no setting. */
  readonly setting?: ExplainedSetting;
  readonly rules: readonly ExplainedRule[];
  /** What held it back; absent on actions. */
  readonly guard?: Guard;
  /** Where a scale-in was considered. */
  readonly flapping?: Flapping;
  /** Only of limits. */
  readonly limit?: ExplainedLimit;
  /** Absent of limits and of quota pools: they have no rules and thresholds that could have been others. */
  readonly flips?: FlipAnswer;
}

/** Why a limit is what it is. */
export interface ExplainedLimit {
  /** The rule's key. */
  readonly key: string;
  /** What was seen; absent where it is not on record, after an error. */
  readonly facts?: LimitFacts;
  /** Where it begins and to where it may be raised; absent where the account is not on record. */
  readonly bounds?: LimitBounds;
  /** Whose answer ended the questions. */
  readonly decidedBy: TrailQuestion;
  /** When the available capacity is looked at next, where calls were blocked or the limit is raised. */
  readonly nextCheckAt?: Instant;
}

export interface LimitBounds {
  readonly baseTps: number;
  readonly ceilingTps: number;
}

export interface ExplainedSetting {
  readonly mode: Mode;
  readonly policy: Policy | RateLimitPolicy | QuotaPoolPolicy;
  readonly active?: ActiveProfile;
  readonly overrides: readonly ExplainedOverride[];
}

export interface ExplainedOverride {
  readonly override: Override;
  readonly state: 'ahead' | 'inForce' | 'ended';
}

export interface ExplainedRule {
  readonly report: RuleReport;
  /** Absent where the setting is not on record. */
  readonly rule?: Rule;
  /** observed − threshold; absent while there is no value. */
  readonly margin?: Margin;
}

export interface Margin {
  readonly by: number;
  /** In relation to the threshold; absent where that is 0. */
  readonly relative?: number;
}

/** Why a hold held. */
export interface Guard {
  readonly reason: Reason;
  /** Log time at which it lets go by itself; absent where that depends on data, an outcome or a person. */
  readonly until?: Instant;
  readonly leftMs?: Millis;
}

/** The load that fewer instances would have had. */
export interface Flapping {
  /** Instances that the projections are for. */
  readonly count: number;
  readonly projections: readonly RuleReport[];
}

/** `unknown`: what it would take to find one is not on record. */
export type FlipAnswer =
  | { readonly kind: 'found'; readonly flips: Flips }
  | { readonly kind: 'none' }
  | { readonly kind: 'unknown'; readonly why: 'noSetting' | 'notRead' | 'error' };
