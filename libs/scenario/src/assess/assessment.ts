import type { Decision, Instant, LintFinding, Millis, Reason } from '@headroom/core';
import type { Backtested } from '../backtest/backtested.ts';
import type { TargetHistory } from '../history/target-history.ts';

/** What came of folding a target's history through the evaluator, beside what Azure did. */
export interface Assessment {
  readonly history: TargetHistory;
  /** How old Azure's data was when it acted: the age with which most of its own readings come out. */
  readonly dataAgeMs: Millis;
  /** Azure's actions, rising in time. */
  readonly actions: readonly AssessedAction[];
  /** Where Headroom would have acted on Azure's capacity and Azure did not, rising in time. */
  readonly missed: readonly MissedAction[];
  /** Spans over a threshold in which nothing was done, the longest first. */
  readonly holds: readonly HoldSpan[];
  readonly findings: readonly LintFinding[];
  /** By the capacities of the history; absent where nobody recorded them. */
  readonly instanceHours?: number;
  /** The setting on its own under Headroom, from the same load; refused where no load model fits. */
  readonly backtest: Backtested;
}

/** One of Azure's actions, and what Headroom found within a minute of it. */
export interface AssessedAction {
  readonly at: Instant;
  readonly from: number;
  readonly to: number;
  /** When Azure said that it had ended; absent where it did not. */
  readonly endedAt?: Instant;
  readonly finding: ActionFinding;
  /** Of scale-outs: where the minutes went. */
  readonly minutes?: ScaleOutMinutes;
}

export type ActionFinding =
  /** The same direction and count within a minute. */
  | { readonly kind: 'reproduced'; readonly decision: Decision; readonly laterMs: Millis }
  /** Not by itself, and this is why: under the stated circumstances the same direction and count. */
  | {
      readonly kind: 'explained';
      readonly by: Explanation;
      readonly text: string;
      /** Absent where it was run again, and nothing of it is a guess about the age of data. */
      readonly caveat?: Caveat;
      readonly decision?: Decision;
    }
  /** `decision`: what Headroom found then, with every input. */
  | { readonly kind: 'unexplained'; readonly text: string; readonly decision?: Decision };

/** Why Azure acted otherwise. */
export type Explanation =
  /** With data of another age than usual. */
  | 'dataAge'
  /** With a cooldown counted otherwise: that of the rule that fired last, from the end of the operation before, or not after a failure. */
  | 'cooldown'
  /** With the values that Azure says it read; the metrics have others now. */
  | 'reading'
  /** With windows taken for whole that lack a sample; Headroom does not scale in on those. */
  | 'gaps'
  /** With percentages rounded the other way. */
  | 'rounding'
  /** Azure could not read a metric that is there now. */
  | 'metricFailure'
  | 'predictive'
  /** Somebody changed the count, and Azure brought it back into its bounds. */
  | 'manualChange'
  /** The setting was another one then, as far as the events say. */
  | 'settingChanged';

/** What an explanation lacks. */
export type Caveat =
  /** Run again it comes out, with data of an age that no reading of Azure's confirms or contradicts. */
  | 'unconfirmed'
  /** Azure says so: nothing was run again. */
  | 'azuresWord';

export interface MissedAction {
  readonly at: Instant;
  /** How long Headroom went on to find it. */
  readonly forMs: Millis;
  readonly decision: Decision;
}

/** Minutes over a scale-out threshold in which neither acted and nothing was running. */
export interface HoldSpan {
  readonly from: Instant;
  readonly to: Instant;
  readonly reason: Reason;
  /** The first decision of the span. */
  readonly decision: Decision;
}

/** From the begin of the first grain over the threshold to instances that serve. */
export interface ScaleOutMinutes {
  /** The data's way into Azure's engine. */
  readonly dataAgeMs: Millis;
  /** Until the window's aggregate was over the threshold. */
  readonly windowMs: Millis;
  /** Held back by the operation before, and by its cooldown. */
  readonly cooldownMs: Millis;
  /** The engine's own: rounds, and what is not explained otherwise. */
  readonly engineMs: Millis;
  /** From the begin of the action to its end; absent where its end is not on record. */
  readonly provisioningMs?: Millis;
}
