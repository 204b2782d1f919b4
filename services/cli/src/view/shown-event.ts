import type { AuditRecord, Decision, Instant, Millis, Outcome, TargetId } from '@headroom/core';

/** Everything that a run of `headroom up` has to show, in the order in which it happens. */
export type ShownEvent =
  /** What is being done at the start and the end. */
  | { readonly kind: 'step'; readonly text: string }
  | { readonly kind: 'warning'; readonly text: string }
  | ServiceEvent
  | LoadEvent
  | CallsEvent
  | DecisionEvent
  | OutcomeEvent
  | SummaryEvent;

export interface ServiceEvent {
  readonly kind: 'service';
  readonly name: string;
  readonly state: 'ready' | 'killed' | 'exited' | 'restarting' | 'recovered';
  readonly text: string;
}

export interface LoadEvent {
  readonly kind: 'load';
  readonly at: Instant;
  readonly target: TargetId;
  readonly requestsPerS: number;
  readonly cpuPercent: number;
  readonly latencyMs: Millis;
  readonly capacity: ShownCapacity;
}

/** What became of an account's calls in a second, as its clients see it; or on average, of some. */
export interface CallsEvent {
  readonly kind: 'calls';
  readonly at: Instant;
  /** The account's name. */
  readonly account: string;
  readonly served: number;
  /** Answered 429. */
  readonly blocked: number;
  readonly failed: number;
}

/** Instances at ARM. */
export interface ShownCapacity {
  readonly instances: number;
  /** An operation is running on the target or beside it. */
  readonly busy: boolean;
}

export interface DecisionEvent {
  readonly kind: 'decision';
  readonly decision: Decision;
  /** As it is in the audit log. */
  readonly record: AuditRecord;
}

export interface OutcomeEvent {
  readonly kind: 'outcome';
  readonly outcome: Outcome;
  readonly record: AuditRecord;
  /** Absent for a command that came from outside. */
  readonly decision?: Decision;
  readonly latency?: ActionLatency;
}

/** Both from the end of the newest sample that the winning rule had read. */
export interface ActionLatency {
  readonly toDecisionMs: Millis;
  readonly toOutcomeMs: Millis;
}

export interface SummaryEvent {
  readonly kind: 'summary';
  readonly summary: RunSummary;
}

/** What a run came to. */
export interface RunSummary {
  readonly lastedMs: Millis;
  /** Decisions on record by `ScaleOut ScaleOutRule` and the like. */
  readonly decisions: Readonly<Record<string, number>>;
  /** Outcomes by kind. */
  readonly outcomes: Readonly<Record<string, number>>;
  /** `chat/blue 2 → 4`, in the order in which they were applied. */
  readonly applied: readonly string[];
  /** What each target has in the end, as far as it could be read: `chat/blue 2 instances`. */
  readonly capacities: readonly string[];
  readonly metricToDecisionP50Ms?: Millis;
  readonly metricToAppliedP50Ms?: Millis;
  readonly kills: number;
  /** Invariants that do not hold, in words. Empty: all is well. */
  readonly problems: readonly string[];
}

/** Where events are shown. */
export interface View {
  show(event: ShownEvent): void;
  /** Leaves the terminal as it was found. */
  close(): void;
}
