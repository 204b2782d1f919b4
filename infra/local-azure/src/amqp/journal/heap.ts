/** Fewer dead items than this are not worth looking for. */
const MIN_GONE = 64;

/**
 * A binary heap: the item that comes before all others in `compare` comes out first. Items may go out of turn: they are
 * dropped when they come to the top, or all at once when they are the greater part.
 */
export class Heap<T> {
  #items: T[] = [];
  readonly #compare: (a: T, b: T) => number;
  readonly #isGone: (item: T) => boolean;
  #goneCount = 0;

  constructor(compare: (a: T, b: T) => number, isGone: (item: T) => boolean = () => false) {
    this.#compare = compare;
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
    let at = items.length;
    items.push(item);
    while (at > 0) {
      const up = (at - 1) >> 1;
      const parent = items[up];
      if (parent === undefined || this.#compare(parent, item) <= 0) break;
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
    this.#items = left.sort(this.#compare);
    this.#goneCount = 0;
  }

  clear(): void {
    this.#items = [];
    this.#goneCount = 0;
  }

  #removeTop(): void {
    const last = this.#items.pop();
    if (last === undefined || this.#items.length === 0) return;
    const at = this.#sink(last);
    this.#items[at] = last;
  }

  /** Moves children up from the root until `item` fits, and returns that place. */
  #sink(item: T): number {
    const items = this.#items;
    let at = 0;
    for (;;) {
      const left = 2 * at + 1;
      const [a, b] = [items[left], items[left + 1]];
      if (a === undefined) return at;
      const rightIsLess = b !== undefined && this.#compare(b, a) < 0;
      const child = rightIsLess ? b : a;
      if (this.#compare(child, item) >= 0) return at;
      items[at] = child;
      at = rightIsLess ? left + 1 : left;
    }
  }
}
