import type { Instant } from '../lang/instant.ts';
import type { Reason } from './reasons.ts';

/** What was seen of a limit's calls, for the next check of the capacity that is available. */
export interface SeenOfLimit {
  /** Calls answered 429 for their rate that no check has answered yet. */
  readonly blocked: number;
  /** When the first of them was seen. */
  readonly blockedSince?: Instant;
  /** Since when nobody ran into the limit, or since it was first watched. */
  readonly quietSince: Instant;
  /** Most calls in one second since the last check. */
  readonly demandTps: number;
  /** When the autoscale was switched on, as far as the log knows; checks of pace `azure` are counted from there. */
  readonly watchedSince: Instant;
  readonly checkedAt?: Instant;
  /** Why the last check could not answer them. */
  readonly heldFor?: Reason;
}

/** What a decision on one limit looked at beside the target's state: recorded, so that it can be made again. */
export interface LimitFacts extends SeenOfLimit {
  /** The rule's key as the account has it. */
  readonly key: string;
  readonly backend: BackendFacts;
  readonly spend: SpendFacts;
  readonly anomaly?: Anomaly;
  /** The default of a limit that its account has no longer: the last word on it. */
  readonly leavesTo?: number;
}

/** The projection of the capacity that is available, and who uses it. */
export interface BackendFacts {
  /** Calls a second that the backend serves for everything in the group; absent: not known, which counts as not enough. */
  readonly capacityTps?: number;
  /** When ARM was asked, where it is ARM that knows. */
  readonly askedAt?: Instant;
  /** Limits of the group that may be raised, this one among them; one that is being raised counts as raised. */
  readonly sumTps: number;
  /** What of `sumTps` is above the base of its limit: what can be taken back. */
  readonly raisedTps: number;
}

export interface SpendFacts {
  /** A cap that is used up, in words. */
  readonly breach?: string;
  /** The highest limit at which an hour at full use stays within what is left of every cap; absent: no cap. */
  readonly boundTps?: number;
}

/** A caller far above its own history. */
export interface Anomaly {
  readonly caller: string;
  readonly perMinute: number;
  readonly usualPerMinute: number;
}
