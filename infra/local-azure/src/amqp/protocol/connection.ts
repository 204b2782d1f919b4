import type { Socket } from 'node:net';
import { AmqpError, DecodeError, toAmqpError } from '../errors.ts';
import * as enc from './encode.ts';
import { CODE, FRAME_AMQP, FRAME_SASL, errorField, frame, performative } from './performatives.ts';
import { readFrame } from './performatives.ts';
import type { Frame } from './performatives.ts';
import { HTTP_REFUSAL, isHttpRequest } from './http-refusal.ts';
import { Session } from './session.ts';
import type { SessionConnection } from './session.ts';
import type { ReceiverLink } from './receiver-link.ts';
import type { SenderLink } from './sender-link.ts';
import { asNumber } from './values.ts';

/** What a connection asks of its server. A handler accepts or refuses every link it is shown. */
export interface ConnectionHandler {
  /** A client wants to receive: we are the sender. */
  onSenderLink(link: SenderLink): void;
  /** A client wants to send: we are the receiver. */
  onReceiverLink(link: ReceiverLink): void;
  onClosed(connection: Connection): void;
}

const MAX_FRAME_BYTES = 1024 * 1024;
/**
 * Above this many unsent bytes no more messages are put on the socket: SDK credit grows without
 * end.
 */
const HIGH_WATER_BYTES = 2 * 1024 * 1024;
const FLUSH_BYTES = 128 * 1024;
const MAX_CHANNEL = 8191;
const MAX_HEARTBEAT_MS = 30_000;
const EMPTY_FRAME = Buffer.from([0, 0, 0, 8, 2, 0, 0, 0]);
const AMQP_HEADER = Buffer.from('AMQP\u0000\u0001\u0000\u0000', 'latin1');
const SASL_HEADER = Buffer.from('AMQP\u0003\u0001\u0000\u0000', 'latin1');
const MECHANISMS = ['ANONYMOUS', 'PLAIN', 'MSSBCBS'];

type Phase = 'header' | 'sasl' | 'amqp' | 'closed';

/** One client: bytes to frames, SASL, open, heartbeats; sessions do the rest. */
export class Connection implements SessionConnection {
  readonly #socket: Socket;
  readonly #handler: ConnectionHandler;
  readonly #containerId: string;
  readonly #sessions = new Map<number, Session>();
  readonly replies = new Map<string, (reply: Buffer) => void>();
  #phase: Phase = 'header';
  #chunks: Buffer[] = [];
  #bufferedBytes = 0;
  #neededBytes = 8;
  #unsent: Buffer[] = [];
  #unsentBytes = 0;
  #wroteSinceRead = false;
  #nudgePending = false;
  #heartbeat: NodeJS.Timeout | undefined;
  maxFrameBytes = 512;
  authorizedUntilMs = 0;

  constructor(socket: Socket, handler: ConnectionHandler, containerId: string) {
    this.#socket = socket;
    this.#handler = handler;
    this.#containerId = containerId;
    socket.setNoDelay(true);
    socket.on('data', (bytes: Buffer) => this.#onBytes(bytes));
    socket.on('drain', () => this.#pumpAll());
    // 'close' follows every 'error', and does the cleaning up.
    socket.on('error', () => undefined);
    socket.on('close', () => this.#onSocketClosed());
  }

  get writable(): boolean {
    const waiting = this.#socket.writableLength + this.#unsentBytes;
    return this.#phase === 'amqp' && this.#socket.writable && waiting < HIGH_WATER_BYTES;
  }

  write(...parts: readonly Buffer[]): void {
    if (this.#socket.destroyed) return;
    this.#wroteSinceRead = true;
    if (this.#unsent.length === 0) process.nextTick(() => this.#flush());
    for (const part of parts) {
      this.#unsent.push(part);
      this.#unsentBytes += part.length;
    }
    if (this.#unsentBytes >= FLUSH_BYTES) this.#flush();
  }

  /** One write for many small frames: a write each costs more than the copy. */
  #flush(): void {
    if (this.#unsent.length === 0) return;
    const bytes = Buffer.concat(this.#unsent, this.#unsentBytes);
    this.#unsent = [];
    this.#unsentBytes = 0;
    if (this.#socket.writable) this.#socket.write(bytes);
  }

  writePerformative(channel: number, code: number, fields: readonly Buffer[]): void {
    this.write(frame(FRAME_AMQP, channel, performative(code, fields)));
  }

  close(error?: AmqpError): void {
    if (this.#phase === 'closed') return;
    if (this.#phase === 'amqp') {
      this.writePerformative(0, CODE.close, error === undefined ? [] : [errorField(error)]);
    }
    this.#phase = 'closed';
    this.#end();
  }

  #end(): void {
    this.#flush();
    this.#socket.end();
  }

  destroy(): void {
    this.#socket.destroy();
  }

  sessionEnded(channel: number): void {
    this.#sessions.delete(channel);
  }

  openSenderLink(link: SenderLink): void {
    this.#handler.onSenderLink(link);
  }

  openReceiverLink(link: ReceiverLink): void {
    this.#handler.onReceiverLink(link);
  }

  #onBytes(bytes: Buffer): void {
    if (this.#phase === 'closed') return;
    if (this.#phase === 'header' && isHttpRequest(bytes)) {
      this.#phase = 'closed';
      this.#socket.end(HTTP_REFUSAL);
      return;
    }
    this.#chunks.push(bytes);
    this.#bufferedBytes += bytes.length;
    if (this.#bufferedBytes < this.#neededBytes) return;
    this.#wroteSinceRead = false;
    try {
      this.#consume();
    } catch (error) {
      this.#fail(error);
    }
    this.#nudge();
  }

  /**
   * A client's socket has Nagle's algorithm on: with nothing coming back it holds its next write
   * until our delayed acknowledgement, some 40 ms. An empty frame after a quiet read carries one.
   */
  #nudge(): void {
    if (this.#wroteSinceRead || this.#nudgePending || this.#phase !== 'amqp') return;
    this.#nudgePending = true;
    setImmediate(() => {
      this.#nudgePending = false;
      if (!this.#wroteSinceRead && this.#phase === 'amqp') this.write(EMPTY_FRAME);
    });
  }

  #consume(): void {
    const first = this.#chunks[0];
    if (first === undefined) return;
    const bytes = this.#chunks.length === 1 ? first : Buffer.concat(this.#chunks);
    let at = 0;
    this.#neededBytes = 8;
    while (!this.#isClosed() && bytes.length - at >= 8) {
      const size = this.#isHeader(bytes, at) ? 8 : bytes.readUInt32BE(at);
      if (size < 8 || size > MAX_FRAME_BYTES) throw new DecodeError(`AMQP frame of ${size} bytes`);
      if (bytes.length - at < size) {
        this.#neededBytes = size;
        break;
      }
      this.#onUnit(bytes.subarray(at, at + size));
      at += size;
    }
    const rest = bytes.subarray(at);
    this.#chunks = rest.length === 0 ? [] : [rest];
    this.#bufferedBytes = rest.length;
  }

  #isClosed(): boolean {
    return this.#phase === 'closed';
  }

  #isHeader(bytes: Buffer, at: number): boolean {
    // 'AMQP' as a frame size would be 1.1 GB, which no frame may have.
    return bytes.readUInt32BE(at) === 0x414d5150;
  }

  #onUnit(bytes: Buffer): void {
    if (this.#isHeader(bytes, 0)) this.#onHeader(bytes);
    else this.#onFrame(readFrame(bytes));
  }

  #onHeader(bytes: Buffer): void {
    if (bytes.equals(SASL_HEADER)) {
      this.#phase = 'sasl';
      this.write(SASL_HEADER);
      const offer = performative(CODE.saslMechanisms, [enc.symbolArray(MECHANISMS)]);
      this.write(frame(FRAME_SASL, 0, offer));
      return;
    }
    this.write(AMQP_HEADER);
    if (!bytes.equals(AMQP_HEADER)) {
      this.#phase = 'closed';
      this.#end();
      return;
    }
    this.#phase = 'amqp';
  }

  #onFrame(received: Frame): void {
    if (received.code === undefined) return;
    if (received.type === FRAME_SASL) {
      // The real check is the token put on $cbs: SASL lets everybody in, as in Azure.
      if (received.code === CODE.saslInit) {
        this.write(frame(FRAME_SASL, 0, performative(CODE.saslOutcome, [enc.ubyte(0)])));
      }
      return;
    }
    if (this.#phase !== 'amqp') throw new DecodeError('AMQP frame before the protocol header');
    if (received.code === CODE.open) this.#onOpen(received);
    else if (received.code === CODE.close) this.close();
    else if (received.code === CODE.begin) this.#onBegin(received);
    else this.#session(received.channel).onFrame(received);
  }

  #onOpen(received: Frame): void {
    this.maxFrameBytes = Math.min(asNumber(received.fields[2]) ?? 65536, MAX_FRAME_BYTES);
    if (this.maxFrameBytes < 512) throw new DecodeError('AMQP open: frames under 512 bytes');
    this.writePerformative(0, CODE.open, [
      enc.text(this.#containerId),
      enc.nil,
      enc.uint(MAX_FRAME_BYTES),
      enc.ushort(MAX_CHANNEL),
    ]);
    const idleMs = asNumber(received.fields[4]);
    if (idleMs === undefined || idleMs === 0) return;
    const everyMs = Math.min(Math.max(idleMs / 2, 100), MAX_HEARTBEAT_MS);
    clearInterval(this.#heartbeat);
    this.#heartbeat = setInterval(() => this.write(EMPTY_FRAME), everyMs);
    this.#heartbeat.unref();
  }

  #onBegin(received: Frame): void {
    if (received.channel > MAX_CHANNEL || this.#sessions.has(received.channel)) {
      throw new DecodeError(`AMQP begin: channel ${received.channel} is taken or too high`);
    }
    this.#sessions.set(received.channel, new Session(this, received));
  }

  #session(channel: number): Session {
    const session = this.#sessions.get(channel);
    if (session === undefined) throw new DecodeError(`AMQP frame on unknown channel ${channel}`);
    return session;
  }

  #pumpAll(): void {
    for (const session of this.#sessions.values()) session.pump();
  }

  #fail(error: unknown): void {
    const framing = error instanceof DecodeError;
    this.close(
      framing ? new AmqpError('amqp:connection:framing-error', error.message) : toAmqpError(error),
    );
  }

  #onSocketClosed(): void {
    this.#phase = 'closed';
    clearInterval(this.#heartbeat);
    for (const session of this.#sessions.values()) session.abandon();
    this.#sessions.clear();
    this.replies.clear();
    this.#handler.onClosed(this);
  }
}
