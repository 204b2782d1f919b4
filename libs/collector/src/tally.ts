import { instant } from '@headroom/core';
import type { Instant } from '@headroom/core';
import type { MetricAnswer } from '@headroom/ports';
import type { Ask } from './asks.ts';

/** What was done since the start, and how fresh it left things. */
export class Tally {
  /** Calls of the rounds, and of what had to be caught up with; repetitions are counted. */
  roundCalls = 0;
  catchUpCalls = 0;
  published = 0;
  /** The end of the newest grain that came for each resource's metrics of one batch, by its place. */
  readonly #newest = new Map<string, Instant>();

  answered({ kind }: Ask, { calls }: MetricAnswer): void {
    if (kind === 'round') this.roundCalls += calls;
    else this.catchUpCalls += calls;
  }

  newest({ wanted }: Ask, end: Instant | undefined): void {
    if (end === undefined) return;
    for (const { read } of wanted) {
      // What is filled in further back is older than what came before it.
      if (end > (this.#newest.get(read.key) ?? -Infinity)) this.#newest.set(read.key, end);
    }
  }

  /** Of the reads, the newest end that came with any of them. */
  newestOf(keys: readonly string[]): Instant | undefined {
    const ends = keys.map((key) => this.#newest.get(key) ?? -Infinity);
    const newest = Math.max(-Infinity, ...ends);
    return newest === -Infinity ? undefined : instant(newest);
  }

  keep(keys: ReadonlySet<string>): void {
    for (const key of this.#newest.keys()) if (!keys.has(key)) this.#newest.delete(key);
  }
}
