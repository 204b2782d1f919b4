import type { Instant } from '../lang/instant.ts';
import type { TargetId } from '../lang/target.ts';
import type { SeenOfLimit } from '../decision/limit-facts.ts';
import type { DecisionOutcome, TargetState } from '../decision/decision.ts';
import type { Reason } from '../decision/reasons.ts';
import type { PoolState } from '../decision/quota-facts.ts';
import type { SourcePosition } from '../metric/sample.ts';
import type { SeriesSnapshot } from '../evaluation/series-snapshot.ts';
import type { CallerMinutes } from '../ratelimit/caller-history.ts';
import type { LearnedCapacity } from '../ratelimit/learned-capacity.ts';
import type { UseSnapshot } from '../ratelimit/quota/deployment-use.ts';
import type { SeenSnapshot } from '../ratelimit/seen-totals.ts';
import type { SumsSnapshot } from '../ratelimit/sliding-sums.ts';
import type { ThrottlingRule } from '../setting/ai-account.ts';
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
  /** None in snapshots of earlier versions. */
  readonly accounts?: readonly AccountSnapshot[];
  readonly groups?: readonly GroupSnapshot[];
  readonly pools?: readonly PoolSnapshot[];
  readonly series: readonly SeriesSnapshot[];
}

/** What is known of a target that commands are made for. */
export interface ProgressSnapshot {
  readonly state: TargetState;
  /** The `read` that is not answered yet. */
  readonly readAskedAt?: Instant;
  readonly last?: LastRecord & { readonly unchanged: number };
  /** The log sequence of the newest command that ended: an outcome of it or of an older one is a repetition. */
  readonly endedSequence?: number;
}

/** What the fold keeps of one setting, whatever it decides on. */
export interface EntrySnapshot {
  readonly target: TargetId;
  readonly version: SettingVersion;
  readonly dirty: boolean;
  readonly lastEvaluatedAt?: Instant;
  readonly dueAt?: Instant;
  /** Since when each (resource, metric) of the target's rules is asked for; kept across setting versions. */
  readonly asked: readonly (readonly [metricKey: string, since: Instant])[];
}

/** Of one autoscale setting. */
export interface TargetSnapshot extends EntrySnapshot, ProgressSnapshot {
  /** None in snapshots of earlier versions. */
  readonly shadows?: readonly ShadowSnapshot[];
}

/** Of one shadow beside an autoscale setting, whose version has its content. */
export interface ShadowSnapshot
  extends Omit<EntrySnapshot, 'target' | 'version'>, Pick<ProgressSnapshot, 'state' | 'last'> {
  readonly name: string;
}

/** Of one account's limits. */
export interface AccountSnapshot extends EntrySnapshot {
  /** The name of its group, which a version that cannot be read does not tell. */
  readonly group: string;
  readonly limits: readonly LimitSnapshot[];
  readonly seen: SeenSnapshot;
  readonly spent: SumsSnapshot;
  readonly successful: SumsSnapshot;
  readonly callers: readonly CallerMinutes[];
}

export interface LimitSnapshot extends ProgressSnapshot, SeenOfLimit {
  readonly rule: ThrottlingRule;
  readonly projectionAskedAt?: Instant;
  readonly projectedTps?: number;
  /** As the limit was last read. */
  readonly knownTps?: number;
  /** Calls a second of the newest seconds. */
  readonly arrived: readonly (readonly [time: Instant, tps: number])[];
}

/** Of one quota pool. */
export interface PoolSnapshot extends EntrySnapshot {
  readonly state: PoolState;
  readonly told: ProgressSnapshot;
  readonly use: UseSnapshot;
  readonly seen: SeenSnapshot;
}

/** What is learned of a backend that accounts share. */
export interface GroupSnapshot {
  readonly name: string;
  readonly learned: LearnedCapacity;
}

/** The last decision on record. */
export interface LastRecord {
  readonly outcome: DecisionOutcome;
  readonly reason: Reason;
  readonly profile?: string;
  /** What was decided on, where nobody carries it out and no cooldown holds it. */
  readonly to?: number;
  /** Of limits: a cap in money was used up. */
  readonly breached?: true;
  readonly at: Instant;
}
