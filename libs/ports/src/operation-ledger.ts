import type { Instant, Outcome, ScaleCommand, TargetId } from '@headroom/core';

/** One head a exclusion key: what is being done to it, and what was done last. */
export interface OperationLedger {
  read(exclusionKey: string): Promise<VersionedHead | undefined>;
  /** The claim. `etag` is that of the head which was read, none where there was none. `conflict`: read again. */
  replace(head: OperationHead, etag: string | undefined): Promise<Replaced>;
}

export type Replaced =
  { readonly kind: 'written'; readonly etag: string } | { readonly kind: 'conflict' };

export interface VersionedHead {
  readonly head: OperationHead;
  readonly etag: string;
}

export interface OperationHead {
  readonly exclusionKey: string;
  readonly command: ScaleCommand;
  readonly state: OperationState;
  /** The highest position applied for each target, by partition of a log. A command below is `Superseded`. */
  readonly positions: readonly TargetPosition[];
  /** The newest outcomes, newest last, so that a redelivery repeats what was said. */
  readonly recent: readonly Outcome[];
}

export interface TargetPosition {
  readonly target: TargetId;
  readonly logId: string;
  /** Absent in heads of older versions, which are compared with nothing. */
  readonly partition?: number;
  readonly sequence: number;
}

/**
 * claimed ─► running ─► done
 *    └─────────────────► done   (nothing to do, refused)
 */
export type OperationState =
  | { readonly kind: 'claimed'; readonly claimedAt: Instant }
  | {
      readonly kind: 'running';
      readonly claimedAt: Instant;
      readonly startedAt: Instant;
      /** The provider's handle, opaque: what `ScaleTarget.poll` takes. */
      readonly operation: string;
      readonly attempt: number;
    }
  | { readonly kind: 'done'; readonly outcome: Outcome; readonly delivered: boolean };
