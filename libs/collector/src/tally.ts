import { instant } from '@headroom/core';
import type { Instant } from '@headroom/core';
import type { MetricAnswer } from '@headroom/ports';
import type { Ask } from './asks.ts';
import type { Batch } from './plan.ts';

/** What was done since the start, and how fresh it left things. */
export class Tally {
  /** Calls of the rounds, and of what had to be caught up with; repetitions are counted. */
  roundCalls = 0;
  catchUpCalls = 0;
  published = 0;
  /** The end of the newest grain that came for each resource's metrics of one batch, by its place. */
  readonly #newest = new Map<string, Instant>();
  /** Of the last two rounds of each batch. */
  readonly #calls = new Map<string, readonly number[]>();

  answered({ id }: Batch, { kind }: Ask, { calls }: MetricAnswer): void {
    if (kind === 'catchUp') {
      this.catchUpCalls += calls;
      return;
    }
    this.roundCalls += calls;
    this.#calls.set(id, [...(this.#calls.get(id) ?? []), calls].slice(-2));
  }

  /** Calls that a round of the batch takes, as its last two show: what was repeated in one of them is not counted. */
  callsOf({ id }: Batch): number | undefined {
    const calls = this.#calls.get(id) ?? [];
    return calls.length < 2 ? undefined : Math.min(...calls);
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

  /** Forgets what nobody asks for any more. */
  keep(reads: ReadonlySet<string>, batches: ReadonlySet<string>): void {
    for (const key of this.#newest.keys()) if (!reads.has(key)) this.#newest.delete(key);
    for (const id of this.#calls.keys()) if (!batches.has(id)) this.#calls.delete(id);
  }
}
