import { once } from 'node:events';
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { createHmac } from 'node:crypto';
import * as enc from '../../src/amqp/protocol/encode.ts';
import { FrameInput, isProtocolHeader } from '../../src/amqp/protocol/frame-input.ts';
import { CODE, frame, performative, readFrame } from '../../src/amqp/protocol/performatives.ts';
import type { Frame } from '../../src/amqp/protocol/performatives.ts';
import { Described, asList, asText } from '../../src/amqp/protocol/values.ts';
import { until } from './server.fixture.ts';

export const AMQP_HEADER = Buffer.from('AMQP\u0000\u0001\u0000\u0000', 'latin1');

/** A client that sends what no SDK would. */
export interface RawClient extends Disposable {
  readonly socket: Socket;
  readonly frames: readonly Frame[];
  readonly isClosed: boolean;
  send(...units: readonly Buffer[]): void;
  /** Waits for a frame of this kind, and returns the first. */
  frame(code: number): Promise<Frame>;
  /** Waits for the end of the connection; the condition of the error that ended it. */
  closed(): Promise<string | undefined>;
}

export async function rawClient(port: number): Promise<RawClient> {
  const socket = connect(port, '127.0.0.1');
  await once(socket, 'connect');
  const input = new FrameInput();
  const frames: Frame[] = [];
  let isClosed = false;
  socket.on('error', () => undefined).on('close', () => (isClosed = true));
  socket.on('data', (bytes) => {
    input.push(bytes);
    for (let unit = input.next(); unit !== undefined; unit = input.next()) {
      if (!isProtocolHeader(unit)) frames.push(readFrame(unit));
    }
  });
  const client: RawClient = {
    socket,
    frames,
    get isClosed() {
      return isClosed;
    },
    send(...units) {
      if (socket.writable) socket.write(Buffer.concat(units));
    },
    async frame(code) {
      let found: Frame | undefined;
      await until(`a frame 0x${code.toString(16)}`, () => {
        found = frames.find((each) => each.code === code);
        return found !== undefined;
      });
      // \`until\` has thrown otherwise.
      return found as unknown as Frame;
    },
    async closed() {
      await until('the connection to be closed', () => isClosed);
      const close = frames.find(({ code }) => code === CODE.close);
      return conditionOf(close?.fields[0]);
    },
    [Symbol.dispose]: () => void socket.destroy(),
  };
  return client;
}

/** The condition of an AMQP error. */
export function conditionOf(error: Frame['fields'][number] | undefined): string | undefined {
  return error instanceof Described ? asText(asList(error.value)[0]) : undefined;
}

export const open = (maxFrame = 65_536): Buffer =>
  amqp(0, CODE.open, [enc.text('raw'), enc.nil, enc.uint(maxFrame)]);
export const begin = (channel: number): Buffer =>
  amqp(channel, CODE.begin, [enc.nil, enc.uint(0), enc.uint(2048), enc.uint(2048)]);

export function amqp(channel: number, code: number, fields: readonly Buffer[], payload?: Buffer) {
  return frame(0, channel, performative(code, fields), payload ?? Buffer.alloc(0));
}

interface AttachOptions {
  readonly channel?: number;
  readonly handle: number;
  readonly name?: string;
  /** The client receives from, or sends to, this address. */
  readonly from?: string;
  readonly to?: string;
  readonly settleMode?: number;
}

export function attach({ channel = 0, handle, from, to, ...rest }: AttachOptions): Buffer {
  const { name = `link ${handle}`, settleMode = 2 } = rest;
  const terminus = (code: number, address: string | undefined): Buffer =>
    performative(code, address === undefined ? [] : [enc.text(address)]);
  return amqp(channel, CODE.attach, [
    ...[enc.text(name), enc.uint(handle), enc.bool(from !== undefined)],
    ...[enc.ubyte(settleMode), enc.ubyte(0)],
    ...[terminus(CODE.source, from), terminus(CODE.target, to ?? name)],
    ...[enc.nil, enc.nil, enc.uint(0)],
  ]);
}

export function flow(handle: number, credit: number, { channel = 0, echo = false } = {}): Buffer {
  return amqp(channel, CODE.flow, [
    ...[enc.uint(0), enc.uint(2 ** 31 - 1), enc.uint(0), enc.uint(2048), enc.uint(handle)],
    ...[enc.uint(0), enc.uint(credit), enc.nil, enc.nil, enc.bool(echo)],
  ]);
}

interface TransferOptions {
  readonly channel?: number;
  readonly handle: number;
  readonly id: number;
  readonly payload: Buffer;
  readonly settled?: boolean;
  readonly more?: boolean;
}

export function transfer({ channel = 0, handle, id, payload, ...rest }: TransferOptions): Buffer {
  const { settled = false, more = false } = rest;
  const tag = enc.binary(Buffer.from(String(id)));
  const fields = [enc.uint(handle), enc.uint(id), tag, enc.uint(0), enc.bool(settled)];
  return amqp(channel, CODE.transfer, [...fields, enc.bool(more)], payload);
}

export const dataMessage = (bytes: Buffer): Buffer => enc.described(0x75, enc.binary(bytes));

/** Header, open, a session, and a token on $cbs: what the SDKs do first. Handles 0 and 1 are used. */
export async function authorizedClient(port: number, expiresSeconds?: number): Promise<RawClient> {
  const client = await rawClient(port);
  client.send(AMQP_HEADER, open(), begin(0));
  client.send(attach({ handle: 0, to: '$cbs' }), attach({ handle: 1, name: 'r', from: '$cbs' }));
  client.send(flow(1, 100), putToken(port, expiresSeconds));
  await client.frame(CODE.transfer);
  return client;
}

/** A put-token request of the connection string's key, on handle 0. */
export function putToken(
  port: number,
  expiresSeconds = Math.floor(Date.now() / 1000) + 3600,
  type = 'servicebus.windows.net:sastoken',
): Buffer {
  const audience = `sb://127.0.0.1:${port}/`;
  const sr = encodeURIComponent(audience);
  const signature = createHmac('sha256', 'c2VjcmV0').update(`${sr}\n${expiresSeconds}`);
  const sig = encodeURIComponent(signature.digest('base64'));
  const token = `SharedAccessSignature sr=${sr}&sig=${sig}&se=${expiresSeconds}&skn=test`;
  const text = (value: string): Buffer => enc.text(value);
  const payload = Buffer.concat([
    enc.described(0x73, enc.list([text('id'), enc.nil, enc.nil, enc.nil, text('r')])),
    enc.described(
      0x74,
      enc.map([
        ...[text('operation'), text('put-token'), text('name'), text(audience)],
        ...[text('type'), text(type)],
      ]),
    ),
    enc.described(0x77, text(token)),
  ]);
  return transfer({ handle: 0, id: 0, payload });
}
