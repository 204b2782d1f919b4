import type { Entry } from '../journal/journal.ts';
import type { EntityStore } from './bus-store.ts';

/** The ids of the messages that a queue or topic took within its window of duplicate detection. */
export class DuplicateWindow {
  readonly #windowMs: number;
  readonly #store: EntityStore;
  /** Ids by when they are forgotten; one window for all, so insertion order is time order. */
  readonly #recent: Map<string, number>;

  /** `windowMs` 0: duplicates are not looked for. */
  constructor(windowMs: number, store: EntityStore) {
    this.#windowMs = windowMs;
    this.#store = store;
    this.#recent = windowMs === 0 ? new Map<string, number>() : store.rememberedIds();
  }

  get isOn(): boolean {
    return this.#windowMs > 0;
  }

  has(messageId: string, now: number): boolean {
    this.#expire(now);
    return this.#recent.has(messageId);
  }

  /** In memory at once; the entry puts it on disk. */
  remember(messageId: string, now: number): Entry {
    const expiresMs = now + this.#windowMs;
    this.#recent.set(messageId, expiresMs);
    return { write: () => this.#store.rememberId(messageId, expiresMs) };
  }

  /** Forgets the ids whose window has passed; the entry does so on disk. */
  forgetOld(now: number): Entry {
    this.#expire(now);
    return { write: () => this.#store.forgetIds(now) };
  }

  #expire(now: number): void {
    for (const [id, expiresMs] of this.#recent) {
      if (expiresMs > now) return;
      this.#recent.delete(id);
    }
  }
}
