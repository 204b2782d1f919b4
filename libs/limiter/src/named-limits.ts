import { minuteMs, secondMs } from '@headroom/core';

/** How long a slice of a limit is used without a word from the store. */
export const limitLeaseMs = 10 * secondMs;
/** Of the limit of a longer window an idle instance holds only this part beyond what it used. */
export const longWindowMs = minuteMs;
export const longWindowPart = 0.1;
/** How long an instance has its turn where a limit has too few units for all, or two of its windows. */
export const turnMinMs = 10 * secondMs;
/** The same of a budget, and how long its dearest call is remembered: the idle ones renew three times in it. */
export const budgetTurnMs = minuteMs;
/** Of a budget: longer, because money of a holder that died counts as spent. */
export const budgetLeaseMs = minuteMs;
/** A pool in use is renewed this often at most. */
export const renewalMs = 900;
/** Readings of a pool after which a write that always finds another's is left to the next round. */
export const attemptsMax = 5;
/** Pools that are renewed at the same time. */
export const renewalsAtOnce = 16;
/** How far a holder's own time may fall behind when its clock is set back: it looks at it at least once a second. */
export const slackMs = 2 * secondMs;
/** At its first sight a slice is taken for dead when it ended longer ago, by clocks that differ by no more. */
export const clockSkewMs = minuteMs;
/** Time that passes for money in one round: more is a clock that was set ahead. */
export const steadyStepMs = 5 * secondMs;
/** Entries of a sliding window: calls that are closer to each other count as the later one. */
export const windowGrains = 1024;
export const callerGrains = 64;
/** Callers told apart under one rule, and in one tally; more share one place, or are not told. */
export const callersMax = 1024;
/** Callers of a tally. */
export const topCallersMax = 20;
/** Status codes and deployments of a tally: what is above is not told. */
export const deploymentsMax = 200;
/** What an instance that waits for its first slice tells callers. */
export const noShareRetryMs = secondMs;
/** Longest `Retry-After`: what is free then is not known further ahead. */
export const retryAfterMaxMs = 60 * minuteMs;
