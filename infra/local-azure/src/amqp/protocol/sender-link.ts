import * as enc from './encode.ts';
import { Link } from './link.ts';
import type { LinkSession } from './link.ts';
import { CODE, transferHead } from './performatives.ts';
import { asUint } from './values.ts';
import type { AmqpValue } from './values.ts';

/** Bytes of a transfer frame that are not payload, with room to spare. */
const TRANSFER_OVERHEAD_BYTES = 128;
/** The SDK's credit grows without end: more than this is as good as endless. */
const MAX_CREDIT = 2 ** 30;

export interface OutgoingDelivery {
  readonly id: number;
  readonly link: SenderLink;
  readonly tag: Buffer;
}

/** What a link to a client needs of its session: windows, delivery numbers, what is unsettled. */
export interface SenderSession extends LinkSession {
  /** How many more transfers the client takes. */
  readonly outgoingWindow: number;
  /** Numbers a delivery that is sent in `transfers` frames. */
  nextDelivery(transfers: number): number;
  track(delivery: OutgoingDelivery): void;
  forget(deliveryId: number): void;
}

/** What the owner of a link to a client does when something moves. */
export interface SenderLinkHandler {
  /** Credit, window or socket may have room again. */
  onReady(): void;
  /** The client says what became of a delivery; answer with `settle`. */
  onDisposition?(delivery: OutgoingDelivery, state: AmqpValue): void;
  /** True when everything owed to a draining client was sent. Absent: always. */
  isDrained?(): boolean;
}

/** A link on which we send to the client. */
export class SenderLink extends Link<SenderSession> {
  #credit = 0;
  #draining = false;
  #handler: SenderLinkHandler = { onReady: () => undefined };
  #presettled = false;

  accept(handler: SenderLinkHandler, presettled: boolean): void {
    this.#handler = handler;
    this.#presettled = presettled;
    this.answerAttach(enc.uint(0));
  }

  get credit(): number {
    return this.#credit;
  }

  /** True when a message of `payloadBytes` can go out now. */
  canSend(payloadBytes: number): boolean {
    if (!this.open || this.#credit === 0 || !this.connection.writable) return false;
    return this.session.outgoingWindow >= this.#transfers(payloadBytes);
  }

  /** Only after `canSend`. `payload` is an encoded message in one or more parts. */
  send(payload: readonly Buffer[], tag?: Buffer): void {
    const bytes = payload.reduce((sum, part) => sum + part.length, 0);
    const id = this.session.nextDelivery(this.#transfers(bytes));
    const deliveryTag = tag ?? countTag(this.deliveryCount);
    this.#credit--;
    this.deliveryCount = (this.deliveryCount + 1) >>> 0;
    if (!this.#presettled) this.session.track({ id, link: this, tag: deliveryTag });
    if (bytes <= this.#maxPayload) {
      this.#writeTransfer(id, deliveryTag, payload, bytes, false);
      return;
    }
    const whole = Buffer.concat(payload);
    for (let at = 0; at < bytes; at += this.#maxPayload) {
      const part = whole.subarray(at, at + this.#maxPayload);
      this.#writeTransfer(id, deliveryTag, [part], part.length, at + part.length < bytes);
    }
  }

  /** Tells the client that its disposition was acted upon, with the outcome. */
  settle(delivery: OutgoingDelivery, outcome: Buffer): void {
    this.session.forget(delivery.id);
    if (!this.open) return;
    this.connection.writePerformative(this.session.channel, CODE.disposition, [
      enc.bool(false),
      enc.uint(delivery.id),
      enc.uint(delivery.id),
      enc.bool(true),
      outcome,
    ]);
  }

  onDisposition(delivery: OutgoingDelivery, state: AmqpValue, settled: boolean): void {
    if (settled) this.session.forget(delivery.id);
    this.#handler.onDisposition?.(delivery, state);
  }

  onFlow(fields: readonly AmqpValue[]): void {
    // Counts are serial numbers of 32 bits: only their difference means something.
    const ahead = ((asUint(fields[5]) ?? 0) - this.deliveryCount) | 0;
    this.#credit = Math.max(ahead + Math.min(asUint(fields[6]) ?? 0, MAX_CREDIT), 0);
    this.#draining = fields[8] === true;
    this.pump();
    if (fields[9] === true) this.#writeFlow(false);
  }

  pump(): void {
    if (!this.open) return;
    this.#handler.onReady();
    this.finishDrain();
  }

  /** A draining client waits for credit to be used up, and closes the link if it hears nothing. */
  finishDrain(): void {
    if (!this.#draining || this.#handler.isDrained?.() === false) return;
    this.#draining = false;
    this.deliveryCount = (this.deliveryCount + this.#credit) >>> 0;
    this.#credit = 0;
    this.#writeFlow(true);
  }

  #writeFlow(drain: boolean): void {
    this.session.writeFlow([
      enc.uint(this.handle),
      enc.uint(this.deliveryCount),
      enc.uint(this.#credit),
      enc.nil,
      enc.bool(drain),
    ]);
  }

  get #maxPayload(): number {
    return this.connection.maxFrameBytes - TRANSFER_OVERHEAD_BYTES;
  }

  #transfers(bytes: number): number {
    return Math.max(1, Math.ceil(bytes / this.#maxPayload));
  }

  #writeTransfer(
    deliveryId: number,
    tag: Buffer,
    payload: readonly Buffer[],
    payloadBytes: number,
    more: boolean,
  ): void {
    const { channel } = this.session;
    const settled = this.#presettled;
    const head = { channel, handle: this.handle, deliveryId, tag, settled, more, payloadBytes };
    this.connection.write(transferHead(head), ...payload);
  }

  protected override answeredSndMode(): number {
    return this.#presettled ? 1 : 0;
  }
}

function countTag(count: number): Buffer {
  const tag = Buffer.allocUnsafe(4);
  tag.writeUInt32BE(count, 0);
  return tag;
}
