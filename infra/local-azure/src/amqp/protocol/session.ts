import { DecodeError } from '../errors.ts';
import * as enc from './encode.ts';
import type { LinkConnection } from './link.ts';
import { ReceiverLink } from './receiver-link.ts';
import { SenderLink } from './sender-link.ts';
import type { OutgoingDelivery, SenderSession } from './sender-link.ts';
import { CODE } from './performatives.ts';
import type { Frame } from './performatives.ts';
import { MAX_HANDLE } from './limits.ts';
import { asUint } from './values.ts';

/** Transfers a client may send before it hears from us again; renewed when half is used. */
const INCOMING_WINDOW = 8192;
const OUTGOING_WINDOW = 0x7fffffff;

/** What a session tells its connection. */
export interface SessionConnection extends LinkConnection {
  openSenderLink(link: SenderLink): void;
  openReceiverLink(link: ReceiverLink): void;
  sessionEnded(channel: number): void;
}

/**
 * Transfer windows, delivery numbers, and links by handle. We answer on the client's own numbers.
 */
export class Session implements SenderSession {
  readonly connection: SessionConnection;
  readonly channel: number;
  readonly #links = new Map<number, SenderLink | ReceiverLink>();
  readonly #unsettled = new Map<number, OutgoingDelivery>();
  #nextIncomingId: number;
  #announcedUntil: number;
  #nextOutgoingId = 0;
  #nextDeliveryId = 0;
  #remoteWindowEnd: number;

  constructor(connection: SessionConnection, begin: Frame) {
    this.connection = connection;
    this.channel = begin.channel;
    this.#nextIncomingId = asUint(begin.fields[1]) ?? 0;
    this.#announcedUntil = this.#nextIncomingId + INCOMING_WINDOW;
    this.#remoteWindowEnd = asUint(begin.fields[2]) ?? 0;
    connection.writePerformative(this.channel, CODE.begin, [
      enc.ushort(this.channel),
      enc.uint(0),
      enc.uint(INCOMING_WINDOW),
      enc.uint(OUTGOING_WINDOW),
      enc.uint(MAX_HANDLE),
    ]);
  }

  get linkCount(): number {
    return this.#links.size;
  }

  get outgoingWindow(): number {
    return this.#remoteWindowEnd - this.#nextOutgoingId;
  }

  nextDelivery(transfers: number): number {
    this.#nextOutgoingId += transfers;
    const id = this.#nextDeliveryId;
    this.#nextDeliveryId = (id + 1) >>> 0;
    return id;
  }

  track(delivery: OutgoingDelivery): void {
    this.#unsettled.set(delivery.id, delivery);
  }

  forget(deliveryId: number): void {
    this.#unsettled.delete(deliveryId);
  }

  onFrame(received: Frame): void {
    switch (received.code) {
      case CODE.attach: {
        this.#onAttach(received);
        return;
      }
      case CODE.flow: {
        this.#onFlow(received);
        return;
      }
      case CODE.transfer: {
        this.#onTransfer(received);
        return;
      }
      case CODE.disposition: {
        this.#onDisposition(received);
        return;
      }
      case CODE.detach: {
        this.#onDetach(received);
        return;
      }
      case CODE.end: {
        this.abandon();
        this.connection.writePerformative(this.channel, CODE.end, []);
        this.connection.sessionEnded(this.channel);
        return;
      }
      default:
        throw new DecodeError(`AMQP performative ${received.code ?? 'none'} is not known`);
    }
  }

  pump(): void {
    for (const link of this.#links.values()) link.pump();
  }

  writeFlow(link: readonly Buffer[] = []): void {
    this.#announcedUntil = this.#nextIncomingId + INCOMING_WINDOW;
    this.connection.writePerformative(this.channel, CODE.flow, [
      enc.uint(wrap(this.#nextIncomingId)),
      enc.uint(INCOMING_WINDOW),
      enc.uint(wrap(this.#nextOutgoingId)),
      enc.uint(OUTGOING_WINDOW),
      ...link,
    ]);
  }

  /**
   * The link is gone, whichever side ended it. Its deliveries stay settleable through $management.
   */
  removeLink(handle: number): void {
    const link = this.#links.get(handle);
    this.#links.delete(handle);
    for (const [id, delivery] of this.#unsettled) {
      if (delivery.link === link) this.#unsettled.delete(id);
    }
  }

  /** The session or the connection ended. */
  abandon(): void {
    for (const link of [...this.#links.values()]) link.closedByPeer();
    this.#links.clear();
    this.#unsettled.clear();
  }

  #onAttach(received: Frame): void {
    const handle = asUint(received.fields[1]) ?? 0;
    if (this.#links.has(handle) || handle > MAX_HANDLE) {
      throw new DecodeError(`AMQP attach: handle ${handle} is taken, or above ${MAX_HANDLE}`);
    }
    const clientReceives = received.fields[2] === true;
    if (clientReceives) {
      const link = new SenderLink(this, received);
      this.#links.set(handle, link);
      this.connection.openSenderLink(link);
    } else {
      const link = new ReceiverLink(this, received);
      this.#links.set(handle, link);
      this.connection.openReceiverLink(link);
    }
  }

  #onFlow(received: Frame): void {
    const nextIncoming = asUint(received.fields[0]) ?? 0;
    const base = this.#nextOutgoingId - wrap(this.#nextOutgoingId - nextIncoming);
    this.#remoteWindowEnd = base + (asUint(received.fields[1]) ?? 0);
    const handle = asUint(received.fields[4]);
    if (handle === undefined) {
      if (received.fields[9] === true) this.writeFlow();
      this.pump();
      return;
    }
    // A flow may cross our detach on the wire: then there is nothing left to steer.
    this.#links.get(handle)?.onFlow(received.fields);
    this.pump();
  }

  #onTransfer(received: Frame): void {
    this.#nextIncomingId++;
    if (this.#announcedUntil - this.#nextIncomingId < INCOMING_WINDOW / 2) this.writeFlow();
    const link = this.#links.get(asUint(received.fields[0]) ?? 0);
    if (link instanceof ReceiverLink) link.onTransfer(received);
  }

  #onDisposition(received: Frame): void {
    const [role, first, last, settled, state] = received.fields;
    if (role !== true) return;
    const from = asUint(first) ?? 0;
    const span = ((asUint(last) ?? from) - from) >>> 0;
    for (const delivery of this.#deliveriesFrom(from, span)) {
      delivery.link.onDisposition(delivery, state ?? null, settled === true);
    }
  }

  /** The deliveries numbered from `from` to `from + span`: a client may name a very long range. */
  #deliveriesFrom(from: number, span: number): OutgoingDelivery[] {
    if (span >= this.#unsettled.size) {
      return [...this.#unsettled.values()].filter(({ id }) => (id - from) >>> 0 <= span);
    }
    const found: OutgoingDelivery[] = [];
    for (let step = 0; step <= span; step++) {
      const delivery = this.#unsettled.get((from + step) >>> 0);
      if (delivery !== undefined) found.push(delivery);
    }
    return found;
  }

  #onDetach(received: Frame): void {
    const handle = asUint(received.fields[0]) ?? 0;
    const link = this.#links.get(handle);
    if (link === undefined) return;
    link.answerDetach(received.fields[1] === true);
    this.removeLink(handle);
    link.closedByPeer();
  }
}

function wrap(id: number): number {
  return id % 0x1_0000_0000;
}
