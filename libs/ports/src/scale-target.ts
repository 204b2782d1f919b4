import type { Instant, LogPosition, Millis, TargetId } from '@headroom/core';

/** A kind of resource that can be scaled. Each call is one request to the provider, at most 20 s. */
export interface ScaleTarget {
  /** What takes one operation at a time: for an ML deployment its endpoint. Absent: not a target of this kind. */
  exclusionKey(target: TargetId): string | undefined;
  read(target: TargetId): Promise<CapacityReading>;
  /** `claim` tells two writers of one target apart, where the target keeps it. */
  scale(target: TargetId, to: number, claim: Claim): Promise<ScaleReply>;
  /** `operation` is what `scale` answered, by this or another process. */
  poll(operation: string): Promise<OperationProgress>;
}

/** By which command, and when, a request was claimed. */
export interface Claim {
  readonly commandId: string;
  /** Absent: a command from outside. */
  readonly position?: LogPosition;
  readonly claimedAt: Instant;
}

export type CapacityReading =
  /** `busy`: an operation is running, ours or another's; `instances` is the capacity before it ends. */
  | {
      readonly kind: 'capacity';
      readonly instances: number;
      readonly busy: boolean;
      /** What else was found, for a person. */
      readonly detail?: string;
    }
  | { readonly kind: 'notFound'; readonly detail: string };

export type ScaleReply =
  | { readonly kind: 'accepted'; readonly operation: string; readonly retryAfterMs: Millis }
  /** It took effect: there is no operation to follow. */
  | { readonly kind: 'applied' }
  /** The target keeps who wrote last, and that was a later claim: nothing was written. */
  | { readonly kind: 'overtaken' }
  /** Another operation holds the exclusion key: try later. */
  | { readonly kind: 'busy'; readonly detail: string; readonly retryAfterMs: Millis }
  | ProviderRefusal;

export type OperationProgress =
  | { readonly kind: 'running'; readonly retryAfterMs: Millis }
  | { readonly kind: 'succeeded' }
  | ProviderRefusal;

/** The provider's final no. Something that may pass (429, 503, no connection) is thrown as `ProviderUnavailable`. */
export interface ProviderRefusal {
  readonly kind: 'refused';
  readonly outcome: 'Rejected' | 'Failed' | 'QuotaExceeded' | 'CapacityUnavailable';
  readonly code: string;
  readonly detail: string;
}
