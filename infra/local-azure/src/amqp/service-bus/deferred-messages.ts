import { AmqpError, messageNotFound } from '../errors.ts';
import type { Message } from './message-records.ts';

/** What one request may take: the answer is one AMQP message, made in memory. */
const MAX_TAKEN_BYTES = 16 * 1024 * 1024;

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
    const bytes = found.reduce((sum, message) => sum + message.bytes, 0);
    if (bytes > MAX_TAKEN_BYTES) {
      throw new AmqpError(
        'amqp:resource-limit-exceeded',
        `The messages have ${bytes} bytes; ${MAX_TAKEN_BYTES} are allowed at a time: ask for fewer.`,
        403,
      );
    }
    for (const { sequence } of found) this.#messages.delete(sequence);
    return found;
  }
}
