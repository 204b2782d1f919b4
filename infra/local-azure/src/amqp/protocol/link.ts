import type { AmqpError } from '../errors.ts';
import * as enc from './encode.ts';
import { CODE, errorField, performative } from './performatives.ts';
import type { Frame } from './performatives.ts';
import { MAX_MESSAGE_BYTES } from './limits.ts';
import { Described, asList, asMap, asNumber, asText, asUint } from './values.ts';
import type { AmqpMap, AmqpValue } from './values.ts';

export { MAX_MESSAGE_BYTES };

/** What links, and those who use them, need of the connection. */
export interface LinkConnection {
  /** The peer's limit for one frame. */
  readonly maxFrameBytes: number;
  /** False while too much waits to be sent: links are pumped when there is room again. */
  readonly writable: boolean;
  /** Until when a token that was put on this connection is good (epoch ms). */
  authorizedUntilMs: number;
  /** Held of messages that came in part, by all links together. */
  partialBytes: number;
  /** How to answer a request: by the name of the client's link for replies. */
  readonly replies: Map<string, (reply: Buffer) => void>;
  /** Sends bytes at the end of this turn, together with whatever else is written in it. */
  write(...parts: readonly Buffer[]): void;
  writePerformative(channel: number, code: number, fields: readonly Buffer[]): void;
}

/** What every link needs of its session. */
export interface LinkSession {
  readonly connection: LinkConnection;
  readonly channel: number;
  removeLink(handle: number): void;
  /** A flow frame with the session's state and, behind it, that of a link. */
  writeFlow(link: readonly Buffer[]): void;
}

interface Terminus {
  readonly address: string;
  readonly filter: AmqpMap;
  readonly isCoordinator: boolean;
}

/** What both ends of a link share: the attach request and its answer. */
export abstract class Link<Session extends LinkSession = LinkSession> {
  readonly session: Session;
  readonly name: string;
  readonly handle: number;
  readonly source: Terminus;
  readonly target: Terminus;
  readonly properties: AmqpMap;
  readonly desiredCapabilities: readonly string[];
  /** How the client wants us, or itself, to settle: 1 is settled by the sender at once. */
  readonly sndSettleMode: number;
  protected open = false;
  protected deliveryCount = 0;
  readonly #attach: readonly AmqpValue[];
  #onClosed: () => void = () => undefined;

  constructor(session: Session, attach: Frame) {
    this.session = session;
    this.#attach = attach.fields;
    this.name = asText(attach.fields[0]) ?? '';
    this.handle = asUint(attach.fields[1]) ?? 0;
    this.sndSettleMode = asNumber(attach.fields[3]) ?? 2;
    this.source = terminus(attach.fields[5]);
    this.target = terminus(attach.fields[6]);
    this.desiredCapabilities = symbols(attach.fields[12]);
    this.properties = asMap(attach.fields[13]);
  }

  get connection(): LinkConnection {
    return this.session.connection;
  }

  /** Links to $cbs are how a token gets here. */
  get needsToken(): boolean {
    const clientReceives = this.#attach[2] === true;
    const { address } = clientReceives ? this.source : this.target;
    return !address.toLowerCase().endsWith('$cbs');
  }

  get isOpen(): boolean {
    return this.open;
  }

  protected answerAttach(initialCount: Buffer): void {
    this.open = true;
    this.#writeAttach(this.#terminusBytes(5), this.#terminusBytes(6), initialCount);
  }

  /** Attach without termini, then detach with the reason: how AMQP says no to a link. */
  refuse(error: AmqpError): void {
    this.#writeAttach(enc.nil, enc.nil, enc.uint(0));
    this.#writeDetach(error);
    this.session.removeLink(this.handle);
  }

  /** Ends an open link from our side, with the reason. */
  detach(error: AmqpError): void {
    if (!this.open) return;
    this.#writeDetach(error);
    this.session.removeLink(this.handle);
    this.closedByPeer();
  }

  answerDetach(closed: boolean): void {
    const fields = [enc.uint(this.handle), enc.bool(closed)];
    this.connection.writePerformative(this.session.channel, CODE.detach, fields);
  }

  onClosed(run: () => void): void {
    this.#onClosed = run;
  }

  closedByPeer(): void {
    if (!this.open) return;
    this.open = false;
    this.#onClosed();
  }

  #writeAttach(source: Buffer, target: Buffer, initialCount: Buffer): void {
    const clientReceives = this.#attach[2] === true;
    const settle = [this.#attach[3], this.#attach[4]].map((mode) => asNumber(mode) ?? 0);
    this.connection.writePerformative(this.session.channel, CODE.attach, [
      enc.text(this.name),
      enc.uint(this.handle),
      enc.bool(!clientReceives),
      enc.ubyte(clientReceives ? this.answeredSndMode() : (settle[0] ?? 0)),
      enc.ubyte(settle[1] ?? 0),
      source,
      target,
      enc.nil,
      enc.nil,
      initialCount,
      enc.ulong(MAX_MESSAGE_BYTES),
    ]);
  }

  protected answeredSndMode(): number {
    return asNumber(this.#attach[3]) ?? 0;
  }

  #writeDetach(error: AmqpError): void {
    const fields = [enc.uint(this.handle), enc.bool(true), errorField(error)];
    this.connection.writePerformative(this.session.channel, CODE.detach, fields);
  }

  /** The client checks that its termini come back: they are echoed. */
  #terminusBytes(index: number): Buffer {
    const value = this.#attach[index];
    if (!(value instanceof Described)) return enc.nil;
    if (value.descriptor !== CODE.source && value.descriptor !== CODE.target) return enc.nil;
    const address = asText(asList(value.value)[0]);
    return performative(value.descriptor, [address === undefined ? enc.nil : enc.text(address)]);
  }
}

function terminus(value: AmqpValue | undefined): Terminus {
  if (!(value instanceof Described))
    return { address: '', filter: new Map(), isCoordinator: false };
  const fields = asList(value.value);
  return {
    address: asText(fields[0]) ?? '',
    filter: value.descriptor === CODE.source ? asMap(fields[7]) : new Map(),
    isCoordinator: value.descriptor === CODE.coordinator,
  };
}

function symbols(value: AmqpValue | undefined): readonly string[] {
  if (typeof value === 'string') return [value];
  return asList(value).filter((item) => typeof item === 'string');
}
