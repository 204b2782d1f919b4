import { setTimeout as sleep } from 'node:timers/promises';

/** Time at the edges. `Instant` is whatever the program makes of epoch milliseconds. */
export interface SystemClock<Instant> {
  now(): Instant;
  /** Monotonic milliseconds, for durations. */
  monotonicMs(): number;
  /** Resolves after `ms`, or at once when `signal` aborts. */
  wait(ms: number, signal?: AbortSignal): Promise<void>;
}

/** The machine's clock; `stamp` makes the program's own type of epoch milliseconds. */
export function systemClock<Instant>(stamp: (epochMs: number) => Instant): SystemClock<Instant> {
  return {
    now: () => stamp(Date.now()),
    monotonicMs: () => performance.now(),
    wait: waitMs,
  };
}

/** Resolves after `ms`, or at once when `signal` aborts. */
export async function waitMs(ms: number, signal?: AbortSignal): Promise<void> {
  if (hasAborted(signal)) return;
  try {
    await sleep(ms, undefined, signal === undefined ? {} : { signal });
  } catch (error) {
    // An abort ends the wait; it is no failure of the wait.
    if (!hasAborted(signal)) throw error;
  }
}

/** A function, so that the compiler does not take an earlier answer for the present one. */
export function hasAborted(signal?: AbortSignal): boolean {
  return signal?.aborted === true;
}
