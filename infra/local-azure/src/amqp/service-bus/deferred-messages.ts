import { messageNotFound } from '../errors.ts';
import type { Message } from './message-records.ts';

/** The messages of a queue that receivers set aside, and nobody holds, by sequence number. */
export class DeferredMessages {
  readonly #messages = new Map<number, Message>();

  add(message: Message): void {
    this.#messages.set(message.sequence, message);
  }

  /** Throws when one of the numbers is not deferred, or locked: then none is taken. */
  take(sequences: readonly number[]): readonly Message[] {
    const found = [...new Set(sequences)].map((sequence) => {
      const message = this.#messages.get(sequence);
      if (message === undefined) throw messageNotFound(sequence, 'deferred');
      return message;
    });
    for (const { sequence } of found) this.#messages.delete(sequence);
    return found;
  }
}
