import type { Entry } from '../journal/journal.ts';
import type { EntityStore, StoredMessage } from './bus-store.ts';
import { BodyCache } from './body-cache.ts';
import type { Draft } from './message-codec.ts';

/** What memory has of a message in a queue. */
export interface Message {
  readonly sequence: number;
  readonly enqueuedSequence: number;
  readonly enqueuedMs: number;
  readonly ttlMs: number | undefined;
  bytes: number;
  deliveryCount: number;
  isDeferred: boolean;
  /** While the message is ready: ends the watch over its time to live. */
  unwatchExpiry: () => void;
  isExpired: boolean;
}

const WATCHED_BY_NOBODY = { unwatchExpiry: (): void => undefined, isExpired: false };

/**
 * A queue's messages on disk, and as many of their bodies in memory as fit. What changes the disk
 * comes back as an entry for the journal.
 */
export class MessageRecords {
  readonly #store: EntityStore;
  readonly #bodies: BodyCache;
  #usedBytes = 0;

  constructor(store: EntityStore) {
    this.#store = store;
    this.#bodies = new BodyCache(store);
  }

  get usedBytes(): number {
    return this.#usedBytes;
  }

  nextSequence(): number {
    return this.#store.nextSequence();
  }

  /** What the disk has, but for what is scheduled. */
  load(): Message[] {
    const heads = this.#store.heads().filter(({ scheduledMs }) => scheduledMs === undefined);
    for (const { bytes } of heads) this.#usedBytes += bytes;
    return heads.map((head) => ({ ...head, ...WATCHED_BY_NOBODY }));
  }

  add(draft: Draft, sequence: number, enqueuedMs: number): { message: Message; entry: Entry } {
    const { body, ttlMs, enqueuedSequence = sequence, deliveryCount = 0 } = draft;
    const head = { sequence, enqueuedSequence, enqueuedMs, ttlMs, deliveryCount };
    this.#usedBytes += body.length;
    const stored = { ...head, isDeferred: false, scheduledMs: undefined, body };
    return {
      message: { ...head, bytes: body.length, isDeferred: false, ...WATCHED_BY_NOBODY },
      entry: {
        write: () => this.#store.insert(stored),
        committed: () => this.#bodies.keep(sequence, body),
      },
    };
  }

  body(message: Message): Buffer {
    return this.#bodies.get(message.sequence);
  }

  stored(message: Message): StoredMessage {
    return { ...message, scheduledMs: undefined, body: this.body(message) };
  }

  removal(message: Message): Entry {
    return {
      write: () => this.#store.remove(message.sequence),
      committed: () => {
        this.#usedBytes -= message.bytes;
        this.#bodies.forget(message.sequence);
      },
    };
  }

  deliveryCount({ sequence, deliveryCount }: Message): Entry {
    return { write: () => this.#store.setDeliveryCount(sequence, deliveryCount) };
  }

  deferral({ sequence }: Message): Entry {
    return { write: () => this.#store.setDeferred(sequence) };
  }

  rewriting(message: Message, body: Buffer): Entry {
    return {
      write: () => this.#store.setBody(message.sequence, body),
      committed: () => {
        this.#usedBytes += body.length - message.bytes;
        message.bytes = body.length;
        this.#bodies.replace(message.sequence, body);
      },
    };
  }
}
