import { minuteMs } from '../lang/instant.ts';
import type { Instant } from '../lang/instant.ts';
import { dimensionsText } from '../metric/sample.ts';
import type { Sample } from '../metric/sample.ts';

/** How long a sample's repetition is known as one. */
const memoryMs = 2 * minuteMs;
/** Samples that are remembered for it; the oldest go first. */
const seenMax = 20_000;

export type SeenSnapshot = readonly (readonly [key: string, seenAt: Instant, total: number])[];

/** Totals that were counted: a sample that comes again, perhaps with a larger total, counts what it adds. */
export class SeenTotals {
  readonly #seen = new Map<string, { readonly seenAt: Instant; readonly total: number }>();

  constructor(snapshot: SeenSnapshot = []) {
    for (const [key, seenAt, total] of snapshot) this.#seen.set(key, { seenAt, total });
  }

  /** What the sample adds to what was counted. */
  added({ series, time, total }: Sample, now: Instant): number {
    if (total <= 0) return 0;
    const key = `${series.metric}\n${String(time)}\n${dimensionsText(series.dimensions)}`;
    const before = this.#seen.get(key);
    if (before === undefined) this.#forgetOld(now);
    else if (before.total >= total) return 0;
    this.#seen.set(key, { seenAt: before?.seenAt ?? now, total });
    return total - (before?.total ?? 0);
  }

  clear(): void {
    this.#seen.clear();
  }

  snapshot(now: Instant): SeenSnapshot {
    this.#forgetOld(now);
    return [...this.#seen].map(([key, { seenAt, total }]) => [key, seenAt, total] as const);
  }

  /** They stand in the order in which they were first seen. */
  #forgetOld(now: Instant): void {
    for (const [key, { seenAt }] of this.#seen) {
      if (seenAt >= now - memoryMs && this.#seen.size < seenMax) return;
      this.#seen.delete(key);
    }
  }
}
