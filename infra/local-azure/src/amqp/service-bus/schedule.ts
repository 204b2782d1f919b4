import { AmqpError, messageNotFound } from '../errors.ts';
import type { Entry } from '../journal/journal.ts';
import type { EntityStore, StoredMessage } from './bus-store.ts';
import type { Draft } from './message-codec.ts';
import type { BusServices } from './services.ts';
import type { Resting } from './transit.ts';

interface Scheduled {
  readonly bytes: number;
  unwatch: () => void;
}

/**
 * Messages that a queue or topic keeps until their time. `onDue` moves one on, which ends with
 * `leave`, or has it come again later with `retryAt`.
 */
export class Schedule implements Resting {
  readonly #name: string;
  readonly #store: EntityStore;
  readonly #services: BusServices;
  readonly #onDue: (message: StoredMessage) => void;
  readonly #scheduled = new Map<number, Scheduled>();
  #usedBytes = 0;

  constructor(
    name: string,
    store: EntityStore,
    services: BusServices,
    onDue: (message: StoredMessage) => void,
  ) {
    this.#name = name;
    this.#store = store;
    this.#services = services;
    this.#onDue = onDue;
  }

  /** Takes over what the disk has. */
  load(): void {
    for (const { sequence, bytes, scheduledMs } of this.#store.heads()) {
      if (scheduledMs === undefined) continue;
      this.#hold(sequence, bytes);
      this.retryAt(sequence, scheduledMs);
    }
  }

  nextSequence(): number {
    return this.#store.nextSequence();
  }

  ensureRoom(bytes: number): void {
    const limit = this.#services.maxEntityBytes;
    if (this.#usedBytes + bytes > limit) throw full(this.#name, limit);
  }

  enqueue(draft: Draft, sequence: number): Entry {
    const enqueuedMs = this.#services.clock();
    const { body, ttlMs, scheduledMs = enqueuedMs } = draft;
    this.#hold(sequence, body.length);
    const row = { sequence, enqueuedSequence: sequence, enqueuedMs, ttlMs, scheduledMs, body };
    return {
      write: () => this.#store.insert({ ...row, isDeferred: false, deliveryCount: 0 }),
      committed: () => this.retryAt(sequence, scheduledMs),
    };
  }

  /** Throws when one of the numbers is not scheduled (any more): then none is cancelled. */
  cancel(sequences: readonly number[]): Entry {
    const missing = sequences.find((sequence) => !this.#scheduled.has(sequence));
    if (missing !== undefined) throw messageNotFound(missing, 'scheduled');
    const entries = sequences.map((sequence) => this.leave(sequence));
    return {
      write: () => {
        for (const entry of entries) entry.write();
      },
    };
  }

  /** Ends the keeping of a message. */
  leave(sequence: number): Entry {
    const kept = this.#scheduled.get(sequence);
    kept?.unwatch();
    this.#usedBytes -= kept?.bytes ?? 0;
    this.#scheduled.delete(sequence);
    return { write: () => this.#store.remove(sequence) };
  }

  retryAt(sequence: number, dueMs: number): void {
    const kept = this.#scheduled.get(sequence);
    // It may be cancelled before its commit.
    if (kept === undefined) return;
    kept.unwatch = this.#services.timers.at(dueMs, () => {
      const [message] = this.#store.peek(sequence, 1, 1);
      if (message?.sequence === sequence) this.#onDue(message);
    });
  }

  #hold(sequence: number, bytes: number): void {
    this.#scheduled.set(sequence, { bytes, unwatch: () => undefined });
    this.#usedBytes += bytes;
  }
}

function full(name: string, limit: number): AmqpError {
  return new AmqpError(
    'amqp:resource-limit-exceeded',
    `The scheduled messages of '${name}' would exceed its size quota of ${limit} bytes.`,
    403,
  );
}
