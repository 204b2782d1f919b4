import { AmqpError } from '../errors.ts';
import * as enc from './encode.ts';
import { MAX_MESSAGE_BYTES, MAX_PARTIAL_BYTES } from './limits.ts';
import { Link } from './link.ts';
import { PartialMessage } from './partial-message.ts';
import { CODE, rejected } from './performatives.ts';
import type { Frame } from './performatives.ts';
import { asUint } from './values.ts';
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

type Delivery = Omit<IncomingMessage, 'payload'>;

/** A link on which the client sends to us. */
export class ReceiverLink extends Link {
  #credit = 0;
  #delivery: Delivery | undefined;
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

  onTransfer({ fields, payload }: Frame): void {
    if (!this.open) return;
    const [, , , , , more, , , , aborted] = fields;
    // Later transfers of a message need not repeat what the first one says of it.
    const delivery = (this.#delivery ??= deliveryOf(fields));
    if (aborted !== true && (more === true || this.#partial !== undefined)) this.#add(payload);
    if (more === true && aborted !== true) return;
    const { bytes, payload: whole } = this.#partial ?? { bytes: payload.length, payload };
    this.#forgetPartial();
    this.#credit--;
    this.deliveryCount = (this.deliveryCount + 1) >>> 0;
    this.#topUp();
    if (aborted === true) return;
    if (bytes <= MAX_MESSAGE_BYTES) this.#onMessage({ ...delivery, payload: whole });
    else if (!delivery.settled) this.settle(delivery.deliveryId, this.#tooLarge());
  }

  override closedByPeer(): void {
    this.#forgetPartial();
    super.closedByPeer();
  }

  #add(part: Buffer): void {
    const message = (this.#partial ??= new PartialMessage());
    const before = message.heldBytes;
    message.add(part);
    this.connection.partialBytes += message.heldBytes - before;
    if (this.connection.partialBytes <= MAX_PARTIAL_BYTES) return;
    throw new AmqpError(
      'amqp:resource-limit-exceeded',
      `More than ${MAX_PARTIAL_BYTES} bytes of messages came in part and were not finished.`,
    );
  }

  #forgetPartial(): void {
    this.connection.partialBytes -= this.#partial?.heldBytes ?? 0;
    this.#partial = undefined;
    this.#delivery = undefined;
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

function deliveryOf(fields: readonly AmqpValue[]): Delivery {
  return {
    deliveryId: asUint(fields[1]) ?? 0,
    format: asUint(fields[3]) ?? 0,
    settled: fields[4] === true,
  };
}
