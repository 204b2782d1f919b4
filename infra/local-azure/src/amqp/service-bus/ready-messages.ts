import { Heap } from '../journal/heap.ts';
import type { Message } from './message-records.ts';
import { ReceiverTurns } from './receiver-turns.ts';
import type { Receiver } from './receiver-turns.ts';
import type { BusServices } from './services.ts';

/** What a queue does with a message that leaves this place. */
export interface ReadyListener {
  onTaken(message: Message, receiver: Receiver): void;
  onExpired(message: Message): void;
}

/**
 * The messages of a queue that wait for a receiver, in the order in which they were sent, and the
 * receivers that wait for them. One that was given back goes to its old place.
 */
export class ReadyMessages {
  readonly #services: Pick<BusServices, 'clock' | 'timers'>;
  readonly #listener: ReadyListener;
  readonly #receivers = new ReceiverTurns();
  readonly #messages = new Heap<Message>(
    (a, b) => a.sequence - b.sequence,
    (message) => message.isExpired,
  );
  #dispatching = false;

  constructor(services: Pick<BusServices, 'clock' | 'timers'>, listener: ReadyListener) {
    this.#services = services;
    this.#listener = listener;
  }

  addReceiver(receiver: Receiver): void {
    this.#receivers.add(receiver);
  }

  removeReceiver(receiver: Receiver): void {
    this.#receivers.remove(receiver);
  }

  /** Puts a message in its place, until a time (epoch ms) if one is given, and dispatches. */
  add(message: Message, expiresMs: number | undefined): void {
    const { clock, timers } = this.#services;
    if (expiresMs !== undefined && expiresMs <= clock()) {
      this.#listener.onExpired(message);
      return;
    }
    if (expiresMs !== undefined) {
      message.unwatchExpiry = timers.at(expiresMs, () => {
        message.isExpired = true;
        this.#messages.noteGone();
        this.#listener.onExpired(message);
      });
    }
    this.#messages.push(message);
    this.dispatch();
  }

  /** Hands messages to receivers in turn, as far as these take any. */
  dispatch(): void {
    if (this.#dispatching) return;
    this.#dispatching = true;
    try {
      this.#dispatchAll();
    } finally {
      this.#dispatching = false;
    }
  }

  #dispatchAll(): void {
    for (let next = this.#messages.peek(); next !== undefined; next = this.#messages.peek()) {
      const receiver = this.#receivers.next(next.bytes);
      if (receiver === undefined) break;
      this.#messages.pop();
      next.unwatchExpiry();
      this.#listener.onTaken(next, receiver);
    }
  }
}
