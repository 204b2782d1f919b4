import { hourMs, minuteMs, secondMs } from '@headroom/core';

/** The request goes out this long after the claim at most, monotonic clock; else the claim is not used. */
export const claimUseMs = 10 * secondMs;

/**
 * How long a successor leaves an open claim alone. A claimer that is still alive has sent by `claimUseMs` and given up
 * 20 s later (the request's timeout): the rest is room for clocks that differ.
 */
export const openClaimMs = 60 * secondMs;

/** An open claim's value is sent again until this long after `startBy`; later nobody wants it any more. */
export const resendMs = 10 * minuteMs;

/** An operation that runs longer is given up as `Failed`. */
export const operationMs = 2 * hourMs;

/** A claim or operation of another command that nobody has ended by then has lost its messages: who finds it ends it. */
export const abandonedMs = 15 * minuteMs;

/** Bounds of the pause between two looks. */
export const lookMinMs = secondMs;
export const lookMaxMs = minuteMs;
/** The pause before a command whose turn has not come is tried again. */
export const turnMs = 5 * secondMs;

/** Re-reads of a head that others keep replacing. */
export const conflictsMax = 8;

/** Outcomes that a head remembers, and positions: an endpoint has at most 20 deployments. */
export const recentMax = 20;
export const positionsMax = 64;
