import type { Instant } from '../lang/instant.ts';
import { idOf } from '../lang/hash.ts';
import type { TargetId } from '../lang/target.ts';
import type { CommandSource } from '../command/command.ts';

export const outcomeKinds = [
  'Applied',
  'NoOp',
  'Superseded',
  'Expired',
  'Rejected',
  'Failed',
  'QuotaExceeded',
  'CapacityUnavailable',
  'DeadLettered',
] as const;
export type OutcomeKind = (typeof outcomeKinds)[number];

/** How a scale command ended: exactly one for each. */
export interface Outcome {
  /** `outcomeId(commandId)`. */
  readonly id: string;
  readonly commandId: string;
  readonly target: TargetId;
  readonly kind: OutcomeKind;
  readonly to: number;
  /** Instances afterwards, in the same event, so that nobody decides on a stale one; absent when it could not be read. */
  readonly capacity?: number;
  /** Whether the provider was asked: then a cooldown counts, failed or not. */
  readonly reachedProvider: boolean;
  /** What happened, for a person. */
  readonly detail: string;
  /** The scaler's clock. */
  readonly at: Instant;
  readonly source: CommandSource;
}

/** The provider took the request; its outcome follows. */
export interface Started {
  readonly commandId: string;
  readonly target: TargetId;
  readonly to: number;
  readonly at: Instant;
}

/** An observed capacity: the answer to a `read`. `undefined` instances: the target does not exist or cannot be read. */
export interface CapacityObservation {
  readonly target: TargetId;
  readonly commandId: string;
  readonly instances?: number;
  /** Calls a second that the provider has room for; only where the command asked, and it could be told. */
  readonly availableTps?: number;
  readonly detail: string;
  readonly at: Instant;
}

export function outcomeId(commandId: string): string {
  return idOf('outcome', commandId);
}

/** Outcomes after which the fold waits longer before it tries again. */
export function isFailure(kind: OutcomeKind): boolean {
  return (
    kind === 'Failed' ||
    kind === 'QuotaExceeded' ||
    kind === 'CapacityUnavailable' ||
    kind === 'Rejected' ||
    kind === 'DeadLettered'
  );
}
