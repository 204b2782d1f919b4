/** Fewer dead items than this are not worth looking for. */
const MIN_GONE = 64;

/**
 * A binary min-heap: the item with the least key comes out first. Items may go out of turn: they are
 * dropped when they come to the top, or all at once when they are the greater part.
 */
export class Heap<T> {
  #items: T[] = [];
  readonly #key: (item: T) => number;
  readonly #isGone: (item: T) => boolean;
  #goneCount = 0;

  constructor(key: (item: T) => number, isGone: (item: T) => boolean = () => false) {
    this.#key = key;
    this.#isGone = isGone;
  }

  /** Items in memory, with those that are gone and were not dropped yet. */
  get size(): number {
    return this.#items.length;
  }

  peek(): T | undefined {
    for (let top = this.#items[0]; top !== undefined; top = this.#items[0]) {
      if (!this.#isGone(top)) return top;
      this.#removeTop();
      this.#goneCount--;
    }
    return undefined;
  }

  push(item: T): void {
    const items = this.#items;
    const key = this.#key(item);
    let at = items.length;
    items.push(item);
    while (at > 0) {
      const up = (at - 1) >> 1;
      const parent = items[up];
      if (parent === undefined || this.#key(parent) <= key) break;
      items[at] = parent;
      at = up;
    }
    items[at] = item;
  }

  pop(): T | undefined {
    const top = this.peek();
    if (top !== undefined) this.#removeTop();
    return top;
  }

  /** To be called once for every item in the heap that became one that is gone. */
  noteGone(): void {
    this.#goneCount++;
    if (this.#goneCount < MIN_GONE || this.#goneCount * 2 < this.#items.length) return;
    const left = this.#items.filter((item) => !this.#isGone(item));
    // A sorted array is a heap.
    this.#items = left.sort((a, b) => this.#key(a) - this.#key(b));
    this.#goneCount = 0;
  }

  clear(): void {
    this.#items = [];
    this.#goneCount = 0;
  }

  #removeTop(): void {
    const last = this.#items.pop();
    if (last === undefined || this.#items.length === 0) return;
    const at = this.#sink(this.#key(last));
    this.#items[at] = last;
  }

  /** Moves children up from the root until an item with `key` fits, and returns that place. */
  #sink(key: number): number {
    const items = this.#items;
    let at = 0;
    for (;;) {
      const left = 2 * at + 1;
      const [a, b] = [items[left], items[left + 1]];
      if (a === undefined) return at;
      const rightIsLess = b !== undefined && this.#key(b) < this.#key(a);
      const child = rightIsLess ? b : a;
      if (this.#key(child) >= key) return at;
      items[at] = child;
      at = rightIsLess ? left + 1 : left;
    }
  }
}
