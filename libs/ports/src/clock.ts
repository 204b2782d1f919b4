import type { Instant, Millis } from '@headroom/core';

/** Time at the edges: what the scaler compares `startBy` with, and waits. Decisions never see it. */
export interface Clock {
  now(): Instant;
  /** Monotonic milliseconds, for durations. */
  monotonicMs(): Millis;
  /** Resolves after `ms`, or at once when `signal` aborts. */
  wait(ms: Millis, signal?: AbortSignal): Promise<void>;
}
