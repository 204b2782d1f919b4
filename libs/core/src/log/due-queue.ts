import { secondMs } from '../lang/instant.ts';
import type { Instant } from '../lang/instant.ts';

/**
 * Who is due when, in buckets of a second. A key may be in several: one that moved is left where it was and passed over
 * there, so that moving costs no search.
 */
export class DueQueue<Key> {
  readonly #dueAt: (key: Key) => Instant | undefined;
  readonly #buckets = new Map<number, Key[]>();
  #first = Infinity;

  /** `dueAt`: when a key is due as things stand. */
  constructor(dueAt: (key: Key) => Instant | undefined) {
    this.#dueAt = dueAt;
  }

  /** To be called whenever a key's due time was set. */
  push(at: Instant, key: Key): void {
    const second = Math.floor(at / secondMs);
    const bucket = this.#buckets.get(second);
    if (bucket !== undefined) bucket.push(key);
    else this.#buckets.set(second, [key]);
    if (second < this.#first) this.#first = second;
  }

  /** The begin of the second in which the first key is due; buckets that every key has left are given up. */
  get firstAt(): Instant | undefined {
    while (this.#first < Infinity) {
      const second = this.#first;
      const isDue = (key: Key) => Math.floor((this.#dueAt(key) ?? NaN) / secondMs) === second;
      if (this.#buckets.get(second)?.some(isDue) === true) return (second * secondMs) as Instant;
      this.#buckets.delete(second);
      this.#first = Math.min(...this.#buckets.keys());
    }
    return undefined;
  }

  /**
   * Takes the keys that are due at `now`, in no order that matters. Whether a key is due is asked when its turn comes: one
   * that was moved meanwhile is passed over. Keys may be pushed in between.
   */
  *take(now: Instant): Generator<Key, void> {
    const current = Math.floor(now / secondMs);
    if (this.#first > current) return;
    const reached = [...this.#buckets].filter(([second]) => second <= current);
    for (const [second] of reached) this.#buckets.delete(second);
    this.#first = Math.min(...this.#buckets.keys());
    for (const [, keys] of reached) {
      for (const key of keys) {
        const at = this.#dueAt(key);
        if (at === undefined) continue;
        if (at <= now) yield key;
        // Due later in the same second; one that is due in another is there already.
        else if (Math.floor(at / secondMs) === current) this.push(at, key);
      }
    }
  }
}
