/** A binary min-heap: the item with the least key comes out first. */
export class Heap<T> {
  readonly #items: T[] = [];
  readonly #key: (item: T) => number;

  constructor(key: (item: T) => number) {
    this.#key = key;
  }

  get size(): number {
    return this.#items.length;
  }

  peek(): T | undefined {
    return this.#items[0];
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
    const items = this.#items;
    const top = items[0];
    const last = items.pop();
    if (last === undefined || items.length === 0) return top;
    const at = this.#sink(this.#key(last));
    items[at] = last;
    return top;
  }

  clear(): void {
    this.#items.length = 0;
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
