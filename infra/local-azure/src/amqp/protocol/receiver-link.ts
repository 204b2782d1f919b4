import { AmqpError } from '../errors.ts';
import * as enc from './encode.ts';
import { Link, MAX_MESSAGE_BYTES } from './link.ts';
import { CODE, rejected } from './performatives.ts';
import type { Frame } from './performatives.ts';
import { asNumber } from './values.ts';
import type { AmqpValue } from './values.ts';

/**
 * The SDK sleeps a second when a link cannot send, then fails for thirty: credit never runs out.
 */
const CREDIT = 5000;

export interface IncomingMessage {
  readonly payload: Buffer;
  readonly format: number;
  readonly deliveryId: number;
  readonly settled: boolean;
}

interface PartialMessage extends Omit<IncomingMessage, 'payload'> {
  readonly parts: Buffer[];
  bytes: number;
}

/** A link on which the client sends to us. */
export class ReceiverLink extends Link {
  #credit = 0;
  #partial: PartialMessage | undefined;
  #onMessage: (message: IncomingMessage) => void = () => undefined;

  accept(onMessage: (message: IncomingMessage) => void): void {
    this.#onMessage = onMessage;
    this.answerAttach(enc.nil);
    this.#topUp();
  }

  /** Tells the client the outcome of one message. */
  settle(deliveryId: number, outcome: Buffer): void {
    if (!this.open) return;
    this.connection.writePerformative(this.session.channel, CODE.disposition, [
      enc.bool(true),
      enc.uint(deliveryId),
      enc.uint(deliveryId),
      enc.bool(true),
      outcome,
    ]);
  }

  onFlow(fields: readonly AmqpValue[]): void {
    if (fields[9] === true) this.#writeFlow();
  }

  pump(): void {
    // Nothing waits on this side: credit is renewed as messages come in.
  }

  onTransfer(received: Frame): void {
    const partial = this.#partial ?? startMessage(received.fields);
    this.#partial = partial;
    partial.bytes += received.payload.length;
    if (partial.bytes <= MAX_MESSAGE_BYTES) partial.parts.push(received.payload);
    if (received.fields[5] === true) return;
    this.#partial = undefined;
    this.#credit--;
    this.deliveryCount = (this.deliveryCount + 1) >>> 0;
    this.#topUp();
    if (received.fields[9] === true) return;
    const { format, deliveryId, settled, parts } = partial;
    if (partial.bytes > MAX_MESSAGE_BYTES) {
      this.settle(deliveryId, this.#tooLarge());
      return;
    }
    const payload = parts.length === 1 && parts[0] ? parts[0] : Buffer.concat(parts);
    this.#onMessage({ payload, format, deliveryId, settled });
  }

  #tooLarge(): Buffer {
    return rejected(
      new AmqpError(
        'amqp:link:message-size-exceeded',
        `The message is larger than ${MAX_MESSAGE_BYTES} bytes, the limit of ` +
          `'${this.target.address}'. Send it in smaller parts.`,
      ),
    );
  }

  #topUp(): void {
    if (this.#credit > CREDIT / 2) return;
    this.#credit = CREDIT;
    this.#writeFlow();
  }

  #writeFlow(): void {
    const { handle, deliveryCount } = this;
    this.session.writeFlow([enc.uint(handle), enc.uint(deliveryCount), enc.uint(this.#credit)]);
  }
}

function startMessage(fields: readonly AmqpValue[]): PartialMessage {
  return {
    parts: [],
    bytes: 0,
    deliveryId: asNumber(fields[1]) ?? 0,
    format: asNumber(fields[3]) ?? 0,
    settled: fields[4] === true,
  };
}
