import { after, minuteMs, secondMs } from '../lang/instant.ts';
import type { Instant, Millis } from '../lang/instant.ts';

/** A wait after failures in a row. */
export interface Backoff {
  readonly failures: number;
  readonly until: Instant;
}

const firstMs = 5 * secondMs;
const mostMs = 15 * minuteMs;

/** 5 s, doubling to 15 minutes with each failure in a row. */
export function longerBackoff(before: Backoff | undefined, now: Instant): Backoff {
  const failures = (before?.failures ?? 0) + 1;
  return { failures, until: after(now, waitOf(failures)) };
}

/** The same wait, of `mostWaitMs` at most since the failure. */
export function shorterBackoff({ failures, until }: Backoff, mostWaitMs: Millis): Backoff {
  const tooLongMs = Math.max(0, waitOf(failures) - mostWaitMs);
  return { failures, until: after(until, -tooLongMs) };
}

function waitOf(failures: number): Millis {
  return Math.min(firstMs * 2 ** (failures - 1), mostMs);
}
