import type { Instant, Millis } from '../lang/instant.ts';
import type { TargetId } from '../lang/target.ts';
import type { Reading } from '../evaluation/reading.ts';
import type { Operator } from '../setting/autoscale-setting.ts';
import type { Backoff } from './backoff.ts';
import type { LimitFacts } from './limit-facts.ts';
import type { Reason } from './reasons.ts';
import type { QuotaFacts } from './quota-facts.ts';
import type { Mode } from '../setting/policy.ts';

export type DecisionOutcome = 'ScaleOut' | 'ScaleIn' | 'Hold';

/** What is known of a target in log time; everything that `decide` may look at beside the readings. */
export interface TargetState {
  readonly capacity: KnownCapacity | { readonly kind: 'unknown' };
  readonly inFlight?: InFlight;
  /** The last action that reached the provider, or in mode `observe` was decided. Cooldowns count from it. */
  readonly lastActionAt?: Instant;
  /** Which way the last action went; absent where that is not known. */
  readonly lastActionDirection?: Direction;
  /** The cooldown of the rule whose result won; absent after an action by bounds, pin or default, or one not ours. */
  readonly lastCooldownMs?: Millis;
  /** Actions of the last hour, oldest first: a flap budget counts them. */
  readonly recentActions?: readonly Instant[];
  readonly backoff?: Backoff;
}

export type Direction = 'out' | 'in';

export interface KnownCapacity {
  readonly kind: 'known';
  /** Instances, or what the target counts: calls a second of a limit, `sku.capacity` of a model deployment. */
  readonly instances: number;
  readonly observedAt: Instant;
}

export interface InFlight {
  readonly commandId: string;
  readonly to: number;
  readonly decidedAt: Instant;
  readonly startBy: Instant;
  readonly started: boolean;
  readonly direction?: Direction;
  /** The cooldown of the rule whose result won. */
  readonly cooldownMs?: Millis;
}

/** What `decide` found, before it has an id and a place in the log. */
export interface Verdict {
  readonly outcome: DecisionOutcome;
  readonly reason: Reason;
  /** Absent where no profile applies or none was asked for. */
  readonly profile?: string;
  readonly capacity: CapacityChange;
  /** Index of the rule whose result won; only on actions of rules. */
  readonly winner?: number;
  /** Empty until the metrics were asked. */
  readonly rules: readonly RuleReport[];
  readonly trail: readonly TrailStep[];
  /** True where the capacity has to be read: the fold asks for it. */
  readonly wantsCapacity: boolean;
  /** Only of limits: what was looked at in the place of metrics. */
  readonly limit?: LimitFacts;
  /** Only of quota pools and their deployments. */
  readonly quota?: QuotaFacts;
  /** Log time at which the same inputs could give another answer; absent when only data can. */
  readonly dueAt?: Instant;
}

export interface CapacityChange {
  /** Instances when it was decided; absent while unknown. */
  readonly before?: number;
  /** What the winning rule asked for, before flapping and bounds. */
  readonly proposed?: number;
  /** What goes out; on a hold equal to `before`. */
  readonly after?: number;
}

export interface RuleReport {
  readonly index: number;
  readonly metric: string;
  readonly direction: Direction;
  readonly reading: Reading;
  /** The value that was compared: divided per instance where the rule says so. */
  readonly observed?: number;
  readonly operator: Operator;
  readonly threshold: number;
  readonly fired: boolean;
  /** The count that this rule asks for; only where it fired. */
  readonly proposed?: number;
  readonly cooldownLeftMs: Millis;
  /** Out rules, where a scale-in was considered: the value expected at the new count. */
  readonly projected?: number;
}

/** One question of the order and its answer, in words that a person reads. */
export interface TrailStep {
  readonly step: TrailQuestion;
  readonly answer: string;
}

export type TrailQuestion =
  | 'profile'
  | 'enabled'
  | 'override'
  | 'capacity'
  | 'inFlight'
  | 'backoff'
  | 'bounds'
  | 'metrics'
  | 'scaleOut'
  | 'cooldown'
  | 'budget'
  | 'default'
  | 'scaleIn'
  | 'flapping'
  | 'error'
  // Of limits.
  | 'autoscale'
  | 'eligible'
  | 'spend'
  | 'throttled'
  | 'check'
  | 'available'
  | 'anomaly'
  | 'demand'
  // Of pools.
  | 'quota';

/** A decision as it is recorded: the verdict, where in the log it was made, and the inputs that make it again. */
export interface Decision extends Verdict {
  /** hash(logId, partition, sequence, target, setting id, version, kind), and the shadow's name where one decided. */
  readonly id: string;
  readonly target: TargetId;
  readonly setting: { readonly id: string; readonly version: number };
  /** The shadow of that version which decided; absent where the setting in force did. Part of the id. */
  readonly shadow?: string;
  readonly mode: Mode;
  /** Log time. */
  readonly at: Instant;
  readonly position: LogPosition;
  /** What `decide` knew of the target. With `rules[].reading` and the setting's version it decides the same again. */
  readonly state: TargetState;
  /** Why it is on record. */
  readonly record: 'action' | 'change' | 'heartbeat' | 'all';
  /** Evaluations with the same outcome, reason and profile since the last record. */
  readonly unchanged: number;
  readonly codeVersion: string;
}

/** A place in the log. */
export interface LogPosition {
  readonly logId: string;
  readonly partition: number;
  readonly sequence: number;
}
