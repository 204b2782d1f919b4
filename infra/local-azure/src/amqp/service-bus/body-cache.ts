import type { EntityStore } from './bus-store.ts';

/** Bodies beyond this many bytes are read from disk when they are delivered. */
const MAX_HOT_BYTES = 16 * 1024 * 1024;

/** The bodies of a queue's messages: as many as fit in memory, all of them on disk. */
export class BodyCache {
  readonly #store: EntityStore;
  readonly #hot = new Map<number, Buffer>();
  #hotBytes = 0;

  constructor(store: EntityStore) {
    this.#store = store;
  }

  get(sequence: number): Buffer {
    return this.#hot.get(sequence) ?? this.#store.body(sequence);
  }

  keep(sequence: number, body: Buffer): void {
    if (this.#hotBytes + body.length > MAX_HOT_BYTES) return;
    this.#hot.set(sequence, body);
    this.#hotBytes += body.length;
  }

  replace(sequence: number, body: Buffer): void {
    this.forget(sequence);
    this.keep(sequence, body);
  }

  forget(sequence: number): void {
    this.#hotBytes -= this.#hot.get(sequence)?.length ?? 0;
    this.#hot.delete(sequence);
  }
}
