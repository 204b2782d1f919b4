import type { Instant } from '../lang/instant.ts';
import type { TargetId } from '../lang/target.ts';
import type { Backoff } from './backoff.ts';

/** What is known of a quota pool in log time. Plain data: a snapshot holds it as it is. */
export interface PoolState {
  /** In the order of the pool's deployments. */
  readonly members: readonly MemberState[];
  /** Quota that no deployment has, as ARM's usages last told; absent while nobody asked. */
  readonly free?: FreeQuota;
  /** The `read` of the free quota that is not answered yet. */
  readonly freeAsked?: Asked;
  readonly move?: Move;
  /** When the last move began. */
  readonly movedAt?: Instant;
  readonly backoff?: Backoff;
}

export interface MemberState {
  readonly target: TargetId;
  /** `sku.capacity`; absent while unknown. */
  readonly capacity?: number;
  /** When it was last heard to have become another one: calls that were throttled before say nothing of it. */
  readonly changedAt?: Instant;
  readonly asked?: Asked;
  readonly inFlight?: PoolCommand;
  /** After a failure of its own it takes no part in new moves. */
  readonly backoff?: Backoff;
}

export interface FreeQuota {
  readonly amount: number;
  readonly observedAt: Instant;
}

export interface Asked {
  readonly commandId: string;
  readonly at: Instant;
}

export interface PoolCommand {
  readonly commandId: string;
  readonly to: number;
  readonly startBy: Instant;
  readonly started: boolean;
}

/** A change of one deployment's capacity. */
export interface Change {
  readonly target: TargetId;
  readonly from: number;
  readonly to: number;
}

/** A move on its way; `advance` has the picture. */
export interface Move {
  readonly phase: 'lowering' | 'raising' | 'returning';
  readonly downs: readonly Change[];
  readonly ups: readonly Change[];
  /** What one reads of it: "moved 20k TPM from B, idle at 8 %, to A, 412 throttled calls a minute". */
  readonly text: string;
  /** The targets of this phase that were told. */
  readonly told: readonly TargetId[];
  /** What may be spent of the free quota that was read in this phase; absent until it was. */
  readonly available?: number;
  /** In `returning`: how often it was tried, and when again. */
  readonly tries: number;
  readonly waitUntil?: Instant;
}

/** What a deployment was seen to do; missing where it cannot be told, which is not zero. */
export interface MemberUse {
  /** Calls a minute that were answered 429, and the others, since its capacity changed, of the last minute at most. */
  readonly throttled: number;
  readonly served: number;
  /** Of the last minute, in units of capacity. */
  readonly used: number;
}

/** What a decision of the mover looked at: recorded, so that it can be made again. */
export interface QuotaFacts {
  /** Before the decision. */
  readonly state: PoolState;
  /** What its deployments were seen to do; those that it cannot be told of are left out. */
  readonly use: readonly (MemberUse & { readonly target: TargetId })[];
}
