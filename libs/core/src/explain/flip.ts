import type { Instant, Millis } from '../lang/instant.ts';
import type { TargetId } from '../lang/target.ts';
import type { DecisionOutcome } from '../decision/decision.ts';
import type { Reason } from '../decision/reasons.ts';
import type { DimensionFilter } from '../setting/autoscale-setting.ts';

/** One change, and nothing else, after which the decision would have been another. Each was run. */
export type Flip = MetricFlip | ThresholdFlip | TimeFlip;

/** What the decision would have been. */
export interface Alternative {
  readonly outcome: DecisionOutcome;
  readonly reason: Reason;
  /** Instances afterwards; absent while the capacity is not known. */
  readonly count?: number;
}

/** Another value of one metric, for every rule that reads it in the same way. */
export interface MetricFlip {
  readonly kind: 'metric';
  readonly metric: string;
  readonly resource: TargetId | string;
  readonly dimensions: readonly DimensionFilter[];
  readonly windowMs: Millis;
  /** Indexes in the profile. */
  readonly rules: readonly number[];
  /** In the metric's own unit, before `dividePerInstance`. */
  readonly from: number;
  readonly to: number;
  /** |to − from| in relation to the greater of the value and the threshold. */
  readonly distance: number;
  readonly becomes: Alternative;
}

/** Another threshold of one rule. */
export interface ThresholdFlip {
  readonly kind: 'threshold';
  readonly metric: string;
  readonly rule: number;
  readonly from: number;
  readonly to: number;
  /** |to − from| in relation to the greater of the value and the threshold. */
  readonly distance: number;
  readonly becomes: Alternative;
}

/** The same readings and state at another time. */
export interface TimeFlip {
  readonly kind: 'time';
  readonly at: Instant;
  /** Below 0: earlier. */
  readonly byMs: Millis;
  readonly cause: TimeCause;
  readonly becomes: Alternative;
}

/** What begins or ends there. */
export type TimeCause = 'cooldown' | 'backoff' | 'override' | 'budget' | 'profile';

/** The smallest change of each kind, and the smallest of all; nothing where no single change would have done. */
export interface Flips {
  readonly metric?: MetricFlip;
  readonly threshold?: ThresholdFlip;
  readonly time?: TimeFlip;
  /** Of metric and threshold; a time is not comparable with them and counts where it is alone. */
  readonly nearest?: Flip;
}
