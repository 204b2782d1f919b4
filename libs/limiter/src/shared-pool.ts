import { after } from '@headroom/core';
import type { Instant, Millis } from '@headroom/core';
import type { Shares, Slice } from '@headroom/ports';

/** What instances share by leased slices: a limit or a budget. The store is `Renewals`' affair. */
export interface SharedPool {
  /** Its name in the store. */
  readonly name: string;
  readonly leaseMs: Millis;
  /** How long the slice of a dead holder stays taken after its lease. */
  readonly lingerMs: Millis;
  isDue(time: Instant): boolean;
  /**
   * What to write next, `undefined`: it can stay as it is. What is less than before is in force when this returns, as the
   * write may arrive without an answer; what is more once `written` is called.
   */
  propose(found: Found, round: Round): Proposal | undefined;
}

/** The shares as they were read. */
export interface Found {
  readonly own?: Slice;
  /** Of holders that renew theirs. */
  readonly others: readonly Slice[];
  /** Of holders that were not heard of for a lease: what their last windows hold stays taken. */
  readonly silent: readonly Slice[];
  /** Of holders that were silent for so long that nothing of theirs is left. */
  readonly dead: readonly Slice[];
  readonly taken: Shares['taken'];
}

export interface Round {
  readonly holder: string;
  /** The process ends: everything that is not in use goes back. */
  readonly isLast: boolean;
  /** By the clock, for `until`. */
  readonly now: Instant;
  /** When the round began and where it is, in time that never goes back. */
  readonly beganAt: Instant;
  readonly time: Instant;
  /** For money: never ahead by a step of the clock, and never behind. */
  readonly steady: Instant;
  readonly stampAt: Instant;
}

export interface Proposal {
  readonly shares: Shares;
  written(): void;
  /** Another holder was faster: nothing was written. */
  refused(): void;
}

/** The end of a slice whose holder has ended in order: what it counted just before is all that there is. */
export const released = 0 as Instant;

export function untilOf({ now, isLast }: Round, leaseMs: Millis): Instant {
  return isLast ? released : after(now, leaseMs);
}

/** A holder that ends and has nothing in use leaves no slice. */
export function withOwn({ others, silent }: Found, own: Slice, isLast: boolean): readonly Slice[] {
  const foreign = [...others, ...silent];
  return isLast && own.amount === 0 ? foreign : [...foreign, own];
}
