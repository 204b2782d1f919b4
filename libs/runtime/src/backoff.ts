export interface BackoffLimits {
  readonly firstMs: number;
  readonly maxMs: number;
}

/** The pause after the nth failure in a row (from 1): doubling from the first up to the cap. */
export function backoffMs(failures: number, { firstMs, maxMs }: BackoffLimits): number {
  // Beyond 2^30 the cap holds anyway.
  const doublings = Math.min(Math.max(failures, 1) - 1, 30);
  return Math.min(firstMs * 2 ** doublings, maxMs);
}
