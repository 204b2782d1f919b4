import type { Socket } from 'node:net';
import { AmqpError, DecodeError, toAmqpError, unauthorized } from '../errors.ts';
import { Claims } from './claims.ts';
import * as enc from './encode.ts';
import { FrameInput, isProtocolHeader } from './frame-input.ts';
import { FrameOutput } from './frame-output.ts';
import * as limits from './limits.ts';
import type { Link } from './link.ts';
import { CODE, FRAME_AMQP, FRAME_SASL, errorField, frame, performative } from './performatives.ts';
import { readFrame } from './performatives.ts';
import type { Frame } from './performatives.ts';
import { HTTP_REFUSAL, isHttpRequest } from './http-refusal.ts';
import { Session } from './session.ts';
import type { SessionConnection } from './session.ts';
import type { ReceiverLink } from './receiver-link.ts';
import type { SenderLink } from './sender-link.ts';
import { asUint } from './values.ts';

/** What a connection asks of its server. A handler accepts or refuses every link it is shown. */
export interface ConnectionHandler {
  /** A client wants to receive: we are the sender. */
  onSenderLink(link: SenderLink): void;
  /** A client wants to send: we are the receiver. */
  onReceiverLink(link: ReceiverLink): void;
  onClosed(connection: Connection): void;
}

const CONTAINER_ID = 'headroom-embedded-azure';
const MAX_HEARTBEAT_MS = 30_000;
const MIN_HEARTBEAT_MS = 100;
const EMPTY_FRAME = Buffer.from([0, 0, 0, 8, 2, 0, 0, 0]);
const AMQP_HEADER = Buffer.from('AMQP\u0000\u0001\u0000\u0000', 'latin1');
const SASL_HEADER = Buffer.from('AMQP\u0003\u0001\u0000\u0000', 'latin1');
const MECHANISMS = ['ANONYMOUS', 'PLAIN', 'MSSBCBS'];

/** `header` and `sasl` may be left out by the client; `amqp` waits for its open. */
type Phase = 'header' | 'sasl' | 'amqp' | 'open' | 'closed';

/** One client: bytes to frames, SASL, open, heartbeats; sessions do the rest. */
export class Connection implements SessionConnection {
  readonly #socket: Socket;
  readonly #handler: ConnectionHandler;
  readonly #input = new FrameInput();
  readonly #output: FrameOutput;
  readonly #sessions = new Map<number, Session>();
  readonly #openedMs: number;
  readonly replies = new Map<string, (reply: Buffer) => void>();
  #phase: Phase = 'header';
  #wroteSinceRead = false;
  #nudgePending = false;
  #heartbeat: NodeJS.Timeout | undefined;
  maxFrameBytes = limits.MIN_MAX_FRAME_BYTES;
  partialBytes = 0;
  readonly claims = new Claims();

  constructor(socket: Socket, handler: ConnectionHandler, nowMs: number) {
    this.#socket = socket;
    this.#handler = handler;
    this.#output = new FrameOutput(socket);
    this.#openedMs = nowMs;
    socket.setNoDelay(true);
    socket.on('data', (bytes: Buffer) => this.#onBytes(bytes));
    socket.on('drain', () => this.#onDrain());
    // 'close' follows every 'error', and does the cleaning up.
    socket.on('error', () => undefined);
    socket.on('close', () => this.#onSocketClosed());
  }

  get writable(): boolean {
    if (this.#phase !== 'open' || !this.#socket.writable) return false;
    return this.#output.waitingBytes < limits.HIGH_WATER_BYTES;
  }

  write(...parts: readonly Buffer[]): void {
    if (this.#socket.destroyed) return;
    this.#wroteSinceRead = true;
    this.#output.write(parts);
  }

  writePerformative(channel: number, code: number, fields: readonly Buffer[]): void {
    this.write(frame(FRAME_AMQP, channel, performative(code, fields)));
  }

  close(error?: AmqpError): void {
    if (this.#phase === 'closed') return;
    if (this.#phase === 'open' || this.#phase === 'amqp') {
      this.writePerformative(0, CODE.close, error === undefined ? [] : [errorField(error)]);
    }
    this.#end();
  }

  /** What is written already goes out. A client that does not read is not waited for. */
  #end(): void {
    this.#phase = 'closed';
    this.#output.flush();
    this.#socket.end();
    this.#endSessions();
    // Until its end is read too, the socket is not closed on this side.
    this.#socket.resume();
    setTimeout(() => this.#socket.destroy(), limits.CLOSE_WITHIN_MS).unref();
  }

  destroy(): void {
    this.#socket.destroy();
  }

  /** Closes what may not stay: links whose token has expired, and a connection that never put one. */
  endUnauthorized(nowMs: number): void {
    if (!this.claims.isEmpty) {
      this.claims.endExpired(nowMs);
      return;
    }
    if (nowMs - this.#openedMs < limits.PUT_TOKEN_WITHIN_MS) return;
    const seconds = limits.PUT_TOKEN_WITHIN_MS / 1000;
    this.close(unauthorized(`No valid token was put on $cbs within ${seconds} s.`));
  }

  sessionEnded(channel: number): void {
    this.#sessions.delete(channel);
  }

  openSenderLink(link: SenderLink): void {
    if (this.#admit(link)) this.#handler.onSenderLink(link);
  }

  openReceiverLink(link: ReceiverLink): void {
    if (this.#admit(link)) this.#handler.onReceiverLink(link);
  }

  #admit(link: Link): boolean {
    const { MAX_LINKS_BEFORE_TOKEN, MAX_LINKS_PER_CONNECTION } = limits;
    const most = this.claims.isEmpty ? MAX_LINKS_BEFORE_TOKEN : MAX_LINKS_PER_CONNECTION;
    let links = 0;
    for (const session of this.#sessions.values()) links += session.linkCount;
    if (links <= most) return true;
    const reason = `This connection has ${most} links, the most that it may have now.`;
    link.refuse(new AmqpError('amqp:resource-limit-exceeded', reason, 403));
    return false;
  }

  #onBytes(bytes: Buffer): void {
    if (this.#phase === 'closed') return;
    if (this.#phase === 'header' && isHttpRequest(bytes)) {
      this.#phase = 'closed';
      this.#socket.end(HTTP_REFUSAL);
      return;
    }
    this.#input.push(bytes);
    try {
      let unit = this.#input.next();
      if (unit !== undefined) this.#wroteSinceRead = false;
      for (; unit !== undefined; unit = this.#isClosed() ? undefined : this.#input.next()) {
        if (isProtocolHeader(unit)) this.#onHeader(unit);
        else this.#onFrame(readFrame(unit));
      }
    } catch (error) {
      this.#fail(error);
    }
    this.#nudge();
    if (this.#output.waitingBytes > limits.MAX_UNSENT_BYTES) this.#socket.pause();
  }

  /**
   * A client's socket has Nagle's algorithm on: with nothing coming back it holds its next write
   * until our delayed acknowledgement, some 40 ms. An empty frame after a quiet read carries one.
   */
  #nudge(): void {
    if (this.#wroteSinceRead || this.#nudgePending || this.#phase !== 'open') return;
    this.#nudgePending = true;
    setImmediate(() => {
      this.#nudgePending = false;
      if (!this.#wroteSinceRead && this.#phase === 'open') this.write(EMPTY_FRAME);
    });
  }

  #isClosed(): boolean {
    return this.#phase === 'closed';
  }

  #onHeader(bytes: Buffer): void {
    if (this.#phase !== 'header' && this.#phase !== 'sasl') {
      throw new DecodeError('AMQP: a second protocol header');
    }
    if (bytes.equals(SASL_HEADER)) {
      this.#phase = 'sasl';
      this.write(SASL_HEADER);
      const offer = performative(CODE.saslMechanisms, [enc.symbolArray(MECHANISMS)]);
      this.write(frame(FRAME_SASL, 0, offer));
      return;
    }
    this.write(AMQP_HEADER);
    if (bytes.equals(AMQP_HEADER)) this.#phase = 'amqp';
    else this.#end();
  }

  #onFrame(received: Frame): void {
    if (received.type === FRAME_SASL) {
      this.#onSaslFrame(received);
      return;
    }
    if (this.#phase !== 'amqp' && this.#phase !== 'open') {
      throw new DecodeError('AMQP frame before the protocol header');
    }
    if (received.code === undefined) return;
    if (received.code === CODE.open) this.#onOpen(received);
    else if (received.code === CODE.close) this.close();
    else if (this.#phase === 'amqp') throw new DecodeError('AMQP frame before open');
    else if (received.code === CODE.begin) this.#onBegin(received);
    else this.#session(received.channel).onFrame(received);
  }

  /** The real check is the token put on $cbs: SASL lets everybody in, as in Azure. */
  #onSaslFrame(received: Frame): void {
    if (this.#phase !== 'sasl' || received.code !== CODE.saslInit) {
      throw new DecodeError('SASL frame where none belongs');
    }
    this.write(frame(FRAME_SASL, 0, performative(CODE.saslOutcome, [enc.ubyte(0)])));
  }

  #onOpen(received: Frame): void {
    if (this.#phase === 'open') throw new DecodeError('AMQP: a second open');
    const theirs = asUint(received.fields[2]) ?? limits.MAX_FRAME_BYTES;
    if (theirs < limits.MIN_MAX_FRAME_BYTES) throw new DecodeError('AMQP open: tiny frames');
    this.maxFrameBytes = Math.min(theirs, limits.MAX_FRAME_BYTES);
    this.#phase = 'open';
    this.writePerformative(0, CODE.open, [
      enc.text(CONTAINER_ID),
      enc.nil,
      enc.uint(limits.MAX_FRAME_BYTES),
      enc.ushort(limits.MAX_CHANNEL),
    ]);
    const idleMs = asUint(received.fields[4]) ?? 0;
    if (idleMs === 0) return;
    const everyMs = Math.min(Math.max(idleMs / 2, MIN_HEARTBEAT_MS), MAX_HEARTBEAT_MS);
    this.#heartbeat = setInterval(() => this.write(EMPTY_FRAME), everyMs);
    this.#heartbeat.unref();
  }

  #onBegin(received: Frame): void {
    if (received.channel > limits.MAX_CHANNEL || this.#sessions.has(received.channel)) {
      throw new DecodeError(`AMQP begin: channel ${received.channel} is taken or too high`);
    }
    this.#sessions.set(received.channel, new Session(this, received));
  }

  #session(channel: number): Session {
    const session = this.#sessions.get(channel);
    if (session === undefined) throw new DecodeError(`AMQP frame on unknown channel ${channel}`);
    return session;
  }

  #onDrain(): void {
    if (this.#socket.isPaused()) this.#socket.resume();
    for (const session of this.#sessions.values()) session.pump();
  }

  #fail(error: unknown): void {
    const framing = error instanceof DecodeError;
    this.close(
      framing ? new AmqpError('amqp:connection:framing-error', error.message) : toAmqpError(error),
    );
  }

  #endSessions(): void {
    clearInterval(this.#heartbeat);
    for (const session of this.#sessions.values()) session.abandon();
    this.#sessions.clear();
    this.replies.clear();
  }

  #onSocketClosed(): void {
    this.#phase = 'closed';
    this.#endSessions();
    this.#handler.onClosed(this);
  }
}
