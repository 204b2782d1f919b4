import { hourMs, minuteMs } from '../lang/instant.ts';
import type { Instant, Millis } from '../lang/instant.ts';
import type { SpendCap } from '../setting/rate-limit-policy.ts';

const dayMs = 24 * hourMs;

/** Sliding windows; a month is thirty days. */
export const capWindowMs: Readonly<Record<SpendCap['per'], Millis>> = {
  hour: hourMs,
  day: dayMs,
  month: 30 * dayMs,
};

export type SumsSnapshot = readonly (readonly [bucketMs: Millis, start: Instant, sum: number])[];

/**
 * Sums over sliding windows, such as what was spent, in millionths of a currency's unit: by minute for a day, by hour for
 * thirty. A bucket that lies in a window in part counts whole: the sum is never too small.
 */
export class SlidingSums {
  readonly #buckets: ReadonlyMap<Millis, Map<Instant, number>> = new Map([
    [minuteMs, new Map<Instant, number>()],
    [hourMs, new Map<Instant, number>()],
  ]);

  constructor(snapshot: SumsSnapshot = []) {
    for (const [bucketMs, start, sum] of snapshot) this.#buckets.get(bucketMs)?.set(start, sum);
  }

  add(at: Instant, amount: number): void {
    for (const [bucketMs, buckets] of this.#buckets) {
      const start = (Math.floor(at / bucketMs) * bucketMs) as Instant;
      buckets.set(start, (buckets.get(start) ?? 0) + amount);
    }
  }

  /** Of the window that ends now. */
  sum(per: SpendCap['per'], now: Instant): number {
    const bucketMs = per === 'month' ? hourMs : minuteMs;
    const from = now - capWindowMs[per] - bucketMs;
    let sum = 0;
    for (const [start, amount] of this.#buckets.get(bucketMs) ?? []) {
      if (start > from) sum += amount;
    }
    return sum;
  }

  /** Drops what no window can reach any more. */
  trim(now: Instant): void {
    for (const [bucketMs, buckets] of this.#buckets) {
      const keptMs = bucketMs === minuteMs ? capWindowMs.day : capWindowMs.month;
      for (const start of buckets.keys())
        if (start <= now - keptMs - bucketMs) buckets.delete(start);
    }
  }

  snapshot(): SumsSnapshot {
    return [...this.#buckets].flatMap(([bucketMs, buckets]) =>
      // In the order in which they stand: sums of fractions depend on it.
      [...buckets].map(([start, sum]) => [bucketMs, start, sum] as const),
    );
  }
}
