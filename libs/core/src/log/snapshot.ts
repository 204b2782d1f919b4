import type { Instant } from '../lang/instant.ts';
import type { TargetId } from '../lang/target.ts';
import type { DecisionOutcome, Reason, TargetState } from '../decision/decision.ts';
import type { SourcePosition } from '../metric/sample.ts';
import type { SeriesSnapshot } from '../evaluation/series-snapshot.ts';
import type { SettingVersion } from '../setting/autoscale-setting.ts';

/** The whole state of one partition's fold after `sequence`. Plain data: `restoreFold(takeSnapshot(fold))` is the fold. */
export interface FoldSnapshot {
  readonly sequence: number;
  /** Log time. */
  readonly now: Instant;
  readonly startedAt: Instant;
  /** The log before `startedAt` was not there to be read: nothing about actions before it is known. */
  readonly cold: boolean;
  readonly sources: readonly (readonly [source: string, position: SourcePosition])[];
  readonly targets: readonly TargetSnapshot[];
  readonly series: readonly SeriesSnapshot[];
}

/** What the fold keeps of one target. */
export interface TargetSnapshot {
  readonly target: TargetId;
  readonly version: SettingVersion;
  readonly state: TargetState;
  /** The `read` that is not answered yet. */
  readonly readAskedAt?: Instant;
  readonly dirty: boolean;
  readonly lastEvaluatedAt?: Instant;
  readonly dueAt?: Instant;
  readonly last?: LastRecord & { readonly unchanged: number };
  /** The log sequence of the newest command that ended: an outcome of it or of an older one is a repetition. */
  readonly endedSequence?: number;
  /** Since when each (resource, metric) of the target's rules is asked for; kept across setting versions. */
  readonly asked: readonly (readonly [metricKey: string, since: Instant])[];
}

/** The last decision on record. */
export interface LastRecord {
  readonly outcome: DecisionOutcome;
  readonly reason: Reason;
  readonly profile?: string;
  readonly at: Instant;
}
