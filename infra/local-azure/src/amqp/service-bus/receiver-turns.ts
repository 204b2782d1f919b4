import type { QueueReceiver } from './queue-receiver.ts';

/** The receivers of a queue, which take messages in turn. */
export class ReceiverTurns {
  readonly #receivers: QueueReceiver[] = [];
  #turn = 0;

  add(receiver: QueueReceiver): void {
    this.#receivers.push(receiver);
  }

  remove(receiver: QueueReceiver): void {
    const at = this.#receivers.indexOf(receiver);
    if (at >= 0) this.#receivers.splice(at, 1);
  }

  /** The next receiver that can take a message of `bytes`, if there is one. */
  next(bytes: number): QueueReceiver | undefined {
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
