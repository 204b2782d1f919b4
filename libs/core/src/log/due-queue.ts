import type { Instant } from '../lang/instant.ts';

interface Due<K> {
  readonly at: Instant;
  readonly key: K;
}

/**
 * A binary heap of (instant, key). A key may be in it several times: the caller asks whether an entry still holds, so that
 * moving one costs no search.
 */
export class DueQueue<K> {
  readonly #heap: Due<K>[] = [];

  push(at: Instant, key: K): void {
    const heap = this.#heap;
    heap.push({ at, key });
    let child = heap.length - 1;
    while (child > 0) {
      const parent = (child - 1) >> 1;
      if (!this.#before(child, parent)) return;
      this.#swap(child, parent);
      child = parent;
    }
  }

  /** Takes the keys that are due at `now`, in no order that matters: stale ones among them. */
  take(now: Instant): readonly K[] {
    const due: K[] = [];
    for (let top = this.#heap[0]; top !== undefined && top.at <= now; top = this.#heap[0]) {
      due.push(top.key);
      this.#removeTop();
    }
    return due;
  }

  #removeTop(): void {
    const last = this.#heap.pop();
    if (last === undefined || this.#heap.length === 0) return;
    this.#heap[0] = last;
    let parent = 0;
    for (;;) {
      let least = parent;
      for (const child of [2 * parent + 1, 2 * parent + 2]) {
        if (child < this.#heap.length && this.#before(child, least)) least = child;
      }
      if (least === parent) return;
      this.#swap(parent, least);
      parent = least;
    }
  }

  #before(a: number, b: number): boolean {
    return (this.#heap[a]?.at ?? 0) < (this.#heap[b]?.at ?? 0);
  }

  #swap(a: number, b: number): void {
    const [x, y] = [this.#heap[a], this.#heap[b]];
    if (x !== undefined) this.#heap[b] = x;
    if (y !== undefined) this.#heap[a] = y;
  }
}
