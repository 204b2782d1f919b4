import { AmqpError, entityFull, lockLost } from '../errors.ts';
import type { Entry } from '../journal/journal.ts';
import type { AmqpMap } from '../protocol/values.ts';
import type { EntityStore, StoredMessage } from './bus-store.ts';
import { readDraft, withMaxTtl, withReceiversProperties } from './message-codec.ts';
import type { Draft } from './message-codec.ts';
import { DeferredMessages } from './deferred-messages.ts';
import { Locks } from './locks.ts';
import { MessageRecords } from './message-records.ts';
import type { Message } from './message-records.ts';
import { ReadyMessages } from './ready-messages.ts';
import type { Receiver } from './receiver-turns.ts';
import type { BusServices } from './services.ts';
import { deadLetterBody, timeToLiveExpired, tooManyDeliveries, tooManyHops } from './settlement.ts';
import type { Settlement } from './settlement.ts';
import { Transit, submitTogether } from './transit.ts';
import type { Destination, Resting } from './transit.ts';

export interface QueueSettings {
  readonly name: string;
  readonly lockMs: number;
  readonly maxDeliveryCount: number;
  /** Caps the time to live of every message. */
  readonly maxTtlMs?: number | undefined;
  /** Otherwise messages whose time to live passes are dropped. */
  readonly deadLetterOnExpiration?: boolean;
}

/** As in Azure: a message that was forwarded this often is a dead letter where it would go on. */
export const MAX_HOPS = 4;

export interface Held {
  readonly message: StoredMessage;
  /** Of the lock; undefined when the message was deleted. */
  readonly token: Buffer | undefined;
  readonly untilMs: number | undefined;
}

type Done = (error?: AmqpError) => void;

/**
 * A queue, a subscription or a dead-letter queue.
 *
 *             enqueue            deliver              complete, dead-letter
 *   (disk) ──────────► ready ──────────────► locked ───────────────────────► gone
 *                        ▲                   │  ▲ │
 *                        │ abandon, expiry   │  │ │ defer; abandon and expiry of a deferred one
 *                        └───────────────────┘  │ ▼
 *                                             deferred (given out by sequence number)
 *
 * A lock that ends too often makes a dead letter. A message whose time to live passes while it is
 * ready, or when its lock ends, is dropped or a dead letter; a deferred one stays, as in Azure.
 */
export class MessageQueue implements Resting {
  readonly name: string;
  readonly deadLetters: MessageQueue | undefined;
  /** Shared with the entrance of the queue: one row space, one sequence. */
  readonly store: EntityStore;
  /** What can be received now, and who receives. */
  readonly ready: ReadyMessages;
  readonly #settings: QueueSettings;
  readonly #services: BusServices;
  readonly #records: MessageRecords;
  readonly #locks: Locks<Message>;
  readonly #deferred = new DeferredMessages();
  #forwardTo: Destination | undefined;

  constructor(
    settings: QueueSettings,
    store: EntityStore,
    services: BusServices,
    deadLetters: MessageQueue | undefined,
  ) {
    this.name = settings.name;
    this.deadLetters = deadLetters;
    this.store = store;
    this.#settings = settings;
    this.#services = services;
    this.#records = new MessageRecords(store);
    this.ready = new ReadyMessages(services, {
      onTaken: (message, receiver) => this.#deliver(message, receiver),
      onExpired: (message) => this.#discard(message),
    });
    this.#locks = new Locks(settings.lockMs, services, (message) => this.#release(message));
  }

  /** From now on messages do not rest here; to be called before `start`. */
  forwardTo(destination: Destination): void {
    this.#forwardTo = destination;
  }

  /** Takes over what the disk has; once everything that is forwarded to is there. */
  start(): void {
    for (const message of this.#records.load()) {
      if (this.#forwardTo !== undefined) this.#passOn(message, this.#forwardTo);
      // It may have been deferred at its last delivery, and nobody held it since.
      else if (message.isDeferred) this.#deferred.add(message);
      // What was locked when the process died was delivered: it counts.
      else this.#release(message);
    }
  }

  /** Plans where a message that comes here goes: it rests, or is forwarded. */
  arrive(draft: Draft, hops: number, transit: Transit): void {
    if (this.#forwardTo === undefined)
      transit.land(this, withMaxTtl(draft, this.#settings.maxTtlMs));
    else if (hops < MAX_HOPS) {
      this.#forwardTo.pass({ ...draft, deliveryCount: 0 }, hops + 1, transit);
    } else {
      const body = deadLetterBody(draft.body, this.name, tooManyHops(this.name, MAX_HOPS));
      // A dead-letter queue is never reached by hops, so there is one here.
      this.deadLetters?.arrive({ ...draft, body }, 0, transit);
    }
  }

  nextSequence(): number {
    return this.#records.nextSequence();
  }

  /** Throws when `bytes` more do not fit. Dead letters take up room too, as in Azure. */
  ensureRoom(bytes: number): void {
    const limit = this.#services.maxEntityBytes;
    const dead = this.deadLetters;
    const usedBytes = this.#records.usedBytes + (dead === undefined ? 0 : dead.#records.usedBytes);
    if (usedBytes + bytes > limit) throw entityFull(this.name, limit);
  }

  /** Puts a message in: the entry for the journal, which makes it ready. */
  enqueue(draft: Draft, sequence: number): Entry {
    const { message, entry } = this.#records.add(draft, sequence, this.#services.clock());
    return {
      write: entry.write,
      committed: () => {
        entry.committed?.();
        this.#makeReady(message);
      },
    };
  }

  /**
   * Acts on a held message and calls back after the commit; an error says that the lock is lost.
   * Throws when the properties cannot be written: then the message is given back.
   */
  settle(token: Buffer, settlement: Settlement, done: Done): void {
    const message = this.#locks.release(token);
    if (message === undefined) {
      done(lockLost());
      return;
    }
    try {
      this.#settle(message, settlement, done);
    } catch (error) {
      // Properties that cannot be written must not leave the message held by nobody.
      this.#release(message);
      throw error;
    }
  }

  #settle(message: Message, settlement: Settlement, done: Done): void {
    switch (settlement.kind) {
      case 'complete':
        this.#submit([this.#records.removal(message)], done);
        return;
      case 'deadLetter':
        // For its check only: the dead letter itself gets more.
        withReceiversProperties(this.#records.body(message), settlement.properties);
        this.#bury(message, settlement.properties, done);
        return;
      case 'abandon':
        this.#submit(this.#rewriting(message, settlement.properties), (error) => {
          done(error);
          if (error === undefined) this.#release(message);
        });
        return;
      case 'defer':
        this.#defer(message, settlement.properties, done);
    }
  }

  /** Until when (epoch ms) the lock now holds. Throws when it is lost. */
  renew(token: Buffer): number {
    return this.#locks.renew(token);
  }

  peek(fromSequence: number, max: number, maxBytes: number): StoredMessage[] {
    return this.store.peek(fromSequence, max, maxBytes);
  }

  /**
   * Locks deferred messages, or deletes them, and calls back after the commit. Throws when one of
   * the numbers is not deferred, or locked: then none is taken.
   */
  takeDeferred(
    sequences: readonly number[],
    mode: Receiver['mode'],
    done: (error: AmqpError | undefined, held: readonly Held[]) => void,
  ): void {
    const messages = this.#deferred.take(sequences);
    const held = messages.map((message): Held => {
      const stored = this.#records.stored(message);
      if (mode === 'receiveAndDelete')
        return { message: stored, token: undefined, untilMs: undefined };
      message.deliveryCount++;
      return { message: stored, ...this.#locks.take(message) };
    });
    const entries = messages.map((message) =>
      mode === 'peekLock' ? this.#records.deliveryCount(message) : this.#records.removal(message),
    );
    this.#submit(entries, (error) => done(error, held));
  }

  #deliver(message: Message, receiver: Receiver): void {
    const stored = this.#records.stored(message);
    if (receiver.mode === 'receiveAndDelete') {
      receiver.promiseDeleted();
      this.#submit([this.#records.removal(message)], (error) =>
        receiver.takeDeleted(stored, error),
      );
      return;
    }
    message.deliveryCount++;
    this.#services.journal.submit(this.#records.deliveryCount(message));
    const { token, untilMs } = this.#locks.take(message);
    receiver.takeLocked(stored, token, untilMs);
  }

  #defer(message: Message, properties: AmqpMap, done: Done): void {
    const entries = [...this.#rewriting(message, properties), this.#records.deferral(message)];
    this.#submit(entries, (error) => {
      if (error === undefined) {
        message.isDeferred = true;
        this.#deferred.add(message);
      }
      done(error);
    });
  }

  #rewriting(message: Message, properties: AmqpMap): Entry[] {
    if (properties.size === 0) return [];
    const body = withReceiversProperties(this.#records.body(message), properties);
    return [this.#records.rewriting(message, body)];
  }

  /** A message that nobody holds any more goes back, or out when it was tried or kept too long. */
  #release(message: Message): void {
    const { maxDeliveryCount } = this.#settings;
    if (this.deadLetters !== undefined && message.deliveryCount >= maxDeliveryCount) {
      const why = tooManyDeliveries(this.name, message.deliveryCount, maxDeliveryCount);
      this.#bury(message, why, () => undefined);
    } else if (message.isDeferred) this.#deferred.add(message);
    else this.#makeReady(message);
  }

  /** Dead letters do not expire. */
  #makeReady(message: Message): void {
    const { enqueuedMs, ttlMs } = message;
    const expires = ttlMs !== undefined && this.deadLetters !== undefined;
    this.ready.add(message, expires ? enqueuedMs + ttlMs : undefined);
  }

  /** The time to live of a message has passed. */
  #discard(message: Message): void {
    if (this.#settings.deadLetterOnExpiration === true) {
      this.#bury(message, timeToLiveExpired(this.name), () => undefined);
    } else this.#submit([this.#records.removal(message)], () => undefined);
  }

  #bury(message: Message, why: AmqpMap, done: Done): void {
    const { deadLetters } = this;
    if (deadLetters === undefined) {
      this.#release(message);
      done(
        new AmqpError('amqp:not-allowed', `'${this.name}' has no dead-letter queue of its own.`),
      );
      return;
    }
    const transit = new Transit(this.#services.clock());
    const draft = this.#draft(message);
    const body = deadLetterBody(draft.body, this.name, why);
    deadLetters.arrive({ ...draft, body }, 0, transit);
    this.#submit([this.#records.removal(message), ...transit.entries()], done);
  }

  /** What came to rest here before this queue forwarded goes on. */
  #passOn(message: Message, destination: Destination): void {
    const transit = new Transit(this.#services.clock());
    destination.pass({ ...this.#draft(message), deliveryCount: 0 }, 1, transit);
    this.#submit([this.#records.removal(message), ...transit.entries()], () => undefined);
  }

  #draft(message: Message): Draft {
    const { ttlMs, enqueuedSequence, deliveryCount } = message;
    return { ...readDraft(this.#records.body(message)), ttlMs, enqueuedSequence, deliveryCount };
  }

  #submit(entries: readonly Entry[], done: Done): void {
    submitTogether(this.#services.journal, entries, done);
  }
}
