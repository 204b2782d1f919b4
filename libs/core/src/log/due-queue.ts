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

  /** Takes the keys that are due at `now`, in no order that matters, some perhaps twice. */
  take(now: Instant): readonly Key[] {
    const current = Math.floor(now / secondMs);
    if (this.#first > current) return [];
    const due: Key[] = [];
    const later: Key[] = [];
    const reached = [...this.#buckets].filter(([second]) => second <= current);
    for (const [second, keys] of reached) {
      this.#buckets.delete(second);
      this.#split(keys, now, due, later);
    }
    if (later.length > 0) this.#buckets.set(current, later);
    this.#first = Math.min(...this.#buckets.keys());
    return due;
  }

  /** Adds to `due` whoever is, and to `later` who is due later in this second. */
  #split(keys: readonly Key[], now: Instant, due: Key[], later: Key[]): void {
    for (const key of keys) {
      const at = this.#dueAt(key);
      if (at === undefined) continue;
      if (at <= now) due.push(key);
      else if (Math.floor(at / secondMs) === Math.floor(now / secondMs)) later.push(key);
    }
  }
}
