import { AmqpError, entityFull, lockLost } from '../errors.ts';
import { Heap } from '../journal/heap.ts';
import type { Entry } from '../journal/journal.ts';
import type { AmqpMap } from '../protocol/values.ts';
import type { EntityStore, StoredMessage } from './bus-store.ts';
import { withApplicationProperties } from './message-codec.ts';
import type { Draft } from './message-codec.ts';
import { BodyCache } from './body-cache.ts';
import { Locks } from './locks.ts';
import { ReceiverTurns } from './receiver-turns.ts';
import type { Receiver } from './receiver-turns.ts';
import type { BusServices } from './services.ts';
import { deadLetterBody, tooManyDeliveries } from './settlement.ts';
import type { Settlement } from './settlement.ts';

export interface QueueSettings {
  readonly name: string;
  readonly lockMs: number;
  readonly maxDeliveryCount: number;
}

interface Message {
  readonly sequence: number;
  readonly enqueuedSequence: number;
  readonly enqueuedMs: number;
  readonly ttlMs: number | undefined;
  readonly bytes: number;
  deliveryCount: number;
  /** While the message is ready: ends the watch over its time to live. */
  unwatchExpiry: () => void;
  isExpired: boolean;
}

/**
 * A queue, a subscription or a dead-letter queue.
 *
 *             enqueue            deliver              complete, dead-letter
 *   (disk) ──────────► ready ──────────────► locked ───────────────────────► gone
 *                        ▲                     │ abandon, lock expiry
 *                        └─────────────────────┘ (too often delivered: dead-letter)
 *
 * A message whose time to live passes while it is ready, or when its lock ends, is dropped.
 */
export class MessageQueue {
  readonly name: string;
  readonly deadLetters: MessageQueue | undefined;
  readonly #settings: QueueSettings;
  /** Shared with the entrance of the queue: one row space, one sequence. */
  readonly store: EntityStore;
  readonly #services: BusServices;
  readonly #locks: Locks<Message>;
  readonly #ready = new Heap<Message>(
    (message) => message.sequence,
    (message) => message.isExpired,
  );
  readonly #receivers = new ReceiverTurns();
  readonly #bodies: BodyCache;
  #usedBytes = 0;
  #dispatching = false;

  constructor(
    settings: QueueSettings,
    store: EntityStore,
    services: BusServices,
    deadLetters: MessageQueue | undefined,
  ) {
    this.name = settings.name;
    this.deadLetters = deadLetters;
    this.#settings = settings;
    this.store = store;
    this.#services = services;
    this.#bodies = new BodyCache(store);
    this.#locks = new Locks(settings.lockMs, services, (message) => this.#release(message));
    this.#load();
  }

  /** Throws when `bytes` more do not fit. Dead letters take up room too, as in Azure. */
  ensureRoom(bytes: number): void {
    const limit = this.#services.maxEntityBytes;
    const dead = this.deadLetters;
    const usedBytes = this.#usedBytes + (dead === undefined ? 0 : dead.#usedBytes);
    if (usedBytes + bytes > limit) throw entityFull(this.name, limit);
  }

  /** Puts a message in: the entry for the journal, which makes it ready. */
  enqueue(draft: Pick<Draft, 'body' | 'ttlMs'>, deliveryCount = 0): Entry {
    const sequence = this.store.nextSequence();
    const enqueuedMs = this.#services.clock();
    const { body, ttlMs } = draft;
    const message: Message = {
      ...{ sequence, enqueuedSequence: sequence, enqueuedMs, ttlMs, deliveryCount },
      ...{ bytes: body.length, unwatchExpiry: () => undefined, isExpired: false },
    };
    this.#usedBytes += message.bytes;
    return {
      write: () => this.store.insert({ ...message, scheduledMs: undefined, body }),
      committed: () => {
        this.#bodies.keep(sequence, body);
        this.#makeReady(message);
      },
    };
  }

  addReceiver(receiver: Receiver): void {
    this.#receivers.add(receiver);
  }

  removeReceiver(receiver: Receiver): void {
    this.#receivers.remove(receiver);
  }

  /** Hands ready messages to receivers in turn, as far as these take any. */
  dispatch(): void {
    if (this.#dispatching) return;
    this.#dispatching = true;
    try {
      this.#dispatchReady();
    } finally {
      this.#dispatching = false;
    }
  }

  #dispatchReady(): void {
    for (let next = this.#ready.peek(); next !== undefined; next = this.#ready.peek()) {
      const receiver = this.#receivers.next(next.bytes);
      if (receiver === undefined) break;
      this.#ready.pop();
      this.#deliver(next, receiver);
    }
  }

  /**
   * Acts on a held message and calls back after the commit; an error says that the lock is lost.
   */
  settle(token: Buffer, settlement: Settlement, done: (error?: AmqpError) => void): void {
    const message = this.#locks.release(token);
    if (message === undefined) done(lockLost());
    else if (settlement.kind === 'complete') this.#remove(message, [], done);
    else if (settlement.kind === 'abandon') this.#abandon(message, settlement.properties, done);
    else this.#deadLetter(message, settlement.properties, done);
  }

  /** Until when (epoch ms) the lock now holds. Throws when it is lost. */
  renew(token: Buffer): number {
    return this.#locks.renew(token);
  }

  peek(fromSequence: number, max: number, maxBytes: number): StoredMessage[] {
    return this.store.peek(fromSequence, max, maxBytes);
  }

  #load(): void {
    for (const head of this.store.heads()) {
      if (head.scheduledMs !== undefined) continue;
      const message: Message = { ...head, unwatchExpiry: () => undefined, isExpired: false };
      this.#usedBytes += message.bytes;
      // What was locked when the process died was delivered: it counts.
      this.#release(message);
    }
  }

  #deliver(message: Message, receiver: Receiver): void {
    message.unwatchExpiry();
    const stored = this.#stored(message);
    if (receiver.mode === 'receiveAndDelete') {
      receiver.promiseDeleted();
      this.#remove(message, [], (error) => receiver.takeDeleted(stored, error));
      return;
    }
    const count = ++message.deliveryCount;
    this.#services.journal.submit({
      write: () => this.store.setDeliveryCount(message.sequence, count),
    });
    const { token, untilMs } = this.#locks.take(message);
    receiver.takeLocked(stored, token, untilMs);
  }

  #abandon(message: Message, properties: AmqpMap, done: (error?: AmqpError) => void): void {
    const body = properties.size === 0 ? undefined : this.#bodies.get(message.sequence);
    const rewritten = body && withApplicationProperties(body, properties);
    this.#services.journal.submit({
      write: () => {
        if (rewritten) this.store.setBody(message.sequence, rewritten);
      },
      committed: () => {
        if (rewritten) this.#bodies.replace(message.sequence, rewritten);
        done();
        this.#release(message);
      },
      failed: done,
    });
  }

  /** A message that nobody holds any more goes back, or out when it was tried or kept too long. */
  #release(message: Message): void {
    const { maxDeliveryCount } = this.#settings;
    if (this.deadLetters === undefined || message.deliveryCount < maxDeliveryCount) {
      this.#makeReady(message);
      return;
    }
    const why = tooManyDeliveries(this.name, message.deliveryCount, maxDeliveryCount);
    this.#deadLetter(message, why, () => undefined);
  }

  #makeReady(message: Message): void {
    const { clock, timers } = this.#services;
    if (message.ttlMs !== undefined && this.deadLetters !== undefined) {
      const expiresMs = message.enqueuedMs + message.ttlMs;
      if (expiresMs <= clock()) {
        this.#remove(message, [], () => undefined);
        return;
      }
      message.unwatchExpiry = timers.at(expiresMs, () => this.#expire(message));
    }
    this.#ready.push(message);
    this.dispatch();
  }

  #expire(message: Message): void {
    message.isExpired = true;
    this.#ready.noteGone();
    this.#remove(message, [], () => undefined);
  }

  #deadLetter(message: Message, properties: AmqpMap, done: (error?: AmqpError) => void): void {
    const { deadLetters } = this;
    if (deadLetters === undefined) {
      this.#release(message);
      done(
        new AmqpError('amqp:not-allowed', `'${this.name}' has no dead-letter queue of its own.`),
      );
      return;
    }
    const body = deadLetterBody(this.#bodies.get(message.sequence), this.name, properties);
    const moved = deadLetters.enqueue({ body, ttlMs: undefined }, message.deliveryCount);
    this.#remove(message, [moved], done);
  }

  /** Takes a message away, together with other changes, in one transaction. */
  #remove(message: Message, others: readonly Entry[], done: (error?: AmqpError) => void): void {
    this.#services.journal.submit({
      write: () => {
        this.store.remove(message.sequence);
        for (const other of others) other.write();
      },
      committed: () => {
        this.#usedBytes -= message.bytes;
        this.#bodies.forget(message.sequence);
        for (const other of others) other.committed?.();
        done();
      },
      failed: done,
    });
  }

  #stored(message: Message): StoredMessage {
    return { ...message, scheduledMs: undefined, body: this.#bodies.get(message.sequence) };
  }
}
