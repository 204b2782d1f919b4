import type { BlockedBy, Instant, Millis, TargetId } from '@headroom/core';

/** A call as it stands at the gateway's door, before anything went to the backend. */
export interface Call {
  readonly account: TargetId;
  /** In capitals. */
  readonly method: string;
  /** Decoded, without the query; limits are matched with it in lower case. */
  readonly path: string;
  /** Tells callers apart: never a key itself. */
  readonly caller: string;
  /** The model deployment that is asked, in any case. */
  readonly deployment?: string;
  /** The most that the call can take. Without it only its price a call is reserved, and no tokens are. */
  readonly tokens?: TokenAmount;
}

export interface TokenAmount {
  readonly input: number;
  readonly output: number;
}

export type Admission =
  | { readonly kind: 'admitted'; readonly ticket: Ticket; readonly standing: Standing }
  | {
      readonly kind: 'blocked';
      readonly by: BlockedBy;
      /** The key of the rule that the call falls under, in lower case. */
      readonly key: string;
      /** When a repetition can be admitted at the earliest, as far as is known here. At least 1; absent: never. */
      readonly retryAfterMs?: Millis;
      readonly standing: Standing;
    };

/** What a refused call is answered. */
export function statusOf(by: BlockedBy): 400 | 429 | 503 {
  switch (by) {
    case 'TooLarge':
      return 400;
    case 'Away':
      return 503;
    default:
      return 429;
  }
}

/** How the limits stand after this call: what `x-ratelimit-*` headers say. */
export interface Standing {
  readonly requests: Quota;
  /** Of a deployment with a token limit. */
  readonly tokens?: Quota;
}

export interface Quota {
  /** Whole calls or tokens in `periodMs`, of all instances together. */
  readonly limit: number;
  /** Of this instance's share. */
  readonly remaining: number;
  readonly periodMs: Millis;
  /** Until all of it is free again. */
  readonly resetMs: Millis;
}

/** An admitted call under way. Whoever got it settles it, whatever becomes of the call. */
export interface Ticket {
  /** The key of the rule, in lower case. */
  readonly key: string;
  /** The first settling counts, later ones do nothing. */
  settle(end: End, now: Instant): void;
}

export type End = Failed | Served;

interface Answered {
  /** From the request to the end of the backend's answer. */
  readonly latencyMs?: Millis;
  /** What the client was answered. Counted by deployment. */
  readonly statusCode?: number;
}

/** The call costs no money and no tokens. Its place among the calls stays taken: the backend had it. */
export interface Failed extends Answered {
  readonly kind: 'failed';
  /** The backend itself answered 429, and why. */
  readonly blockedBy?: BlockedBy;
}

/** Answered with 2xx or 3xx: what is billed. */
export interface Served extends Answered {
  readonly kind: 'served';
  /** Absent: not known; what was reserved counts as used. */
  readonly usage?: { readonly inputTokens: number; readonly outputTokens: number };
}
