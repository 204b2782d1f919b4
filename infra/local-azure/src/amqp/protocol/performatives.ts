import { DecodeError } from '../errors.ts';
import * as enc from './encode.ts';
import type { AmqpError } from '../errors.ts';
import { Described, Reader, asList } from './values.ts';
import type { AmqpValue } from './values.ts';

/** The descriptors of AMQP 1.0's performatives, outcomes and termini. */
export const CODE = {
  open: 0x10,
  begin: 0x11,
  attach: 0x12,
  flow: 0x13,
  transfer: 0x14,
  disposition: 0x15,
  detach: 0x16,
  end: 0x17,
  close: 0x18,
  error: 0x1d,
  received: 0x23,
  accepted: 0x24,
  rejected: 0x25,
  released: 0x26,
  modified: 0x27,
  source: 0x28,
  target: 0x29,
  coordinator: 0x30,
  saslMechanisms: 0x40,
  saslInit: 0x41,
  saslOutcome: 0x44,
} as const;

export const FRAME_AMQP = 0;
export const FRAME_SASL = 1;

export interface Frame {
  readonly type: number;
  readonly channel: number;
  /** Undefined for an empty frame (a heartbeat). */
  readonly code: number | undefined;
  readonly fields: readonly AmqpValue[];
  readonly payload: Buffer;
}

/** `bytes` is one whole frame, size field included. */
export function readFrame(bytes: Buffer): Frame {
  const offset = bytes.readUInt8(4) * 4;
  const type = bytes.readUInt8(5);
  const channel = bytes.readUInt16BE(6);
  if (offset < 8 || offset > bytes.length) throw new DecodeError('AMQP frame: bad data offset');
  if (offset === bytes.length) {
    return { type, channel, code: undefined, fields: [], payload: bytes.subarray(offset) };
  }
  const reader = new Reader(bytes, offset);
  const body = reader.read();
  if (!(body instanceof Described) || typeof body.descriptor !== 'number') {
    throw new DecodeError('AMQP frame without a performative');
  }
  const payload = bytes.subarray(reader.position);
  return { type, channel, code: body.descriptor, fields: asList(body.value), payload };
}

export function frame(type: number, channel: number, ...parts: readonly Buffer[]): Buffer {
  const head = Buffer.allocUnsafe(8);
  const size = parts.reduce((sum, part) => sum + part.length, 8);
  head.writeUInt32BE(size, 0);
  head[4] = 2;
  head[5] = type;
  head.writeUInt16BE(channel, 6);
  return Buffer.concat([head, ...parts], size);
}

export function performative(code: number, fields: readonly Buffer[]): Buffer {
  return enc.described(code, enc.list(fields));
}

export function errorField(error: AmqpError): Buffer {
  return performative(CODE.error, [enc.symbol(error.condition), enc.text(error.message)]);
}

export const ACCEPTED = performative(CODE.accepted, []);

export function rejected(error: AmqpError): Buffer {
  return performative(CODE.rejected, [errorField(error)]);
}

export interface TransferHead {
  readonly channel: number;
  readonly handle: number;
  readonly deliveryId: number;
  readonly tag: Buffer;
  readonly settled: boolean;
  readonly more: boolean;
  readonly payloadBytes: number;
}

/** Frame and transfer performative up to the payload, written by hand: this is the hot path. */
export function transferHead(head: TransferHead): Buffer {
  const { tag } = head;
  const listSize = 1 + 5 + 5 + 2 + tag.length + 1 + 1 + 1;
  const size = 8 + 3 + 3 + (listSize - 1);
  const bytes = Buffer.allocUnsafe(size);
  bytes.writeUInt32BE(size + head.payloadBytes, 0);
  bytes[4] = 2;
  bytes[5] = FRAME_AMQP;
  bytes.writeUInt16BE(head.channel, 6);
  bytes[8] = 0x00;
  bytes[9] = 0x53;
  bytes[10] = CODE.transfer;
  bytes[11] = 0xc0;
  bytes[12] = listSize;
  bytes[13] = 6;
  bytes[14] = 0x70;
  bytes.writeUInt32BE(head.handle, 15);
  bytes[19] = 0x70;
  bytes.writeUInt32BE(head.deliveryId, 20);
  bytes[24] = 0xa0;
  bytes[25] = tag.length;
  tag.copy(bytes, 26);
  const rest = 26 + tag.length;
  bytes[rest] = 0x43;
  bytes[rest + 1] = head.settled ? 0x41 : 0x42;
  bytes[rest + 2] = head.more ? 0x41 : 0x42;
  return bytes;
}
