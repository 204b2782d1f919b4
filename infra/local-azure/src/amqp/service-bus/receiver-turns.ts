import type { AmqpError } from '../errors.ts';
import type { StoredMessage } from './bus-store.ts';

/** What a queue needs of those that take its messages. */
export interface Receiver {
  readonly mode: 'peekLock' | 'receiveAndDelete';
  /** True when a message of `bytes` can go out now. */
  canTake(bytes: number): boolean;
  takeLocked(message: StoredMessage, token: Buffer, untilMs: number): void;
  /** A message is being deleted for this receiver, and takes up credit until `takeDeleted`. */
  promiseDeleted(): void;
  /** The deletion was committed, or failed. */
  takeDeleted(message: StoredMessage, error: AmqpError | undefined): void;
}

/** The receivers of a queue, which take messages in turn. */
export class ReceiverTurns {
  readonly #receivers: Receiver[] = [];
  #turn = 0;

  add(receiver: Receiver): void {
    this.#receivers.push(receiver);
  }

  remove(receiver: Receiver): void {
    const at = this.#receivers.indexOf(receiver);
    if (at >= 0) this.#receivers.splice(at, 1);
  }

  /** The next receiver that can take a message of `bytes`, if there is one. */
  next(bytes: number): Receiver | undefined {
    const count = this.#receivers.length;
    for (let i = 0; i < count; i++) {
      const receiver = this.#receivers[(this.#turn + i) % count];
      if (receiver?.canTake(bytes) !== true) continue;
      this.#turn = (this.#turn + i + 1) % count;
      return receiver;
    }
    return undefined;
  }
}
