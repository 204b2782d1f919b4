import type { Instant } from '../lang/instant.ts';

/** A wait after failures in a row. */
export interface Backoff {
  readonly failures: number;
  readonly until: Instant;
}
