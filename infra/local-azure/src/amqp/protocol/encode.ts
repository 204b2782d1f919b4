import { Described, Uuid } from './values.ts';
import type { AmqpValue } from './values.ts';

/**
 * Each function returns the encoded bytes of one AMQP value; lists and maps are made of such bytes.
 */
export const nil = Buffer.from([0x40]);
const yes = Buffer.from([0x41]);
const no = Buffer.from([0x42]);

export function bool(value: boolean): Buffer {
  return value ? yes : no;
}

export function ubyte(value: number): Buffer {
  return Buffer.from([0x50, value]);
}

export function ushort(value: number): Buffer {
  return Buffer.from([0x60, value >> 8, value & 0xff]);
}

export function uint(value: number): Buffer {
  if (value === 0) return Buffer.from([0x43]);
  if (value < 256) return Buffer.from([0x52, value]);
  const bytes = Buffer.allocUnsafe(5);
  bytes[0] = 0x70;
  bytes.writeUInt32BE(value, 1);
  return bytes;
}

export function int(value: number): Buffer {
  const bytes = Buffer.allocUnsafe(5);
  bytes[0] = 0x71;
  bytes.writeInt32BE(value, 1);
  return bytes;
}

export function ulong(value: number): Buffer {
  if (value === 0) return Buffer.from([0x44]);
  if (value < 256) return Buffer.from([0x53, value]);
  return wideUlong(BigInt(value));
}

export function long(value: number | bigint): Buffer {
  return wide(0x81, value);
}

export function timestamp(epochMs: number): Buffer {
  return wide(0x83, epochMs);
}

export function text(value: string): Buffer {
  return variable(0xa1, Buffer.from(value, 'utf8'));
}

export function symbol(value: string): Buffer {
  return variable(0xa3, Buffer.from(value, 'ascii'));
}

export function binary(value: Buffer): Buffer {
  return variable(0xa0, value);
}

export function uuid(bytes: Buffer): Buffer {
  return Buffer.concat([Buffer.from([0x98]), bytes]);
}

export function list(items: readonly Buffer[]): Buffer {
  return items.length === 0 ? Buffer.from([0x45]) : compound(0xc0, items);
}

/** `items` are keys and values in turn. */
export function map(items: readonly Buffer[]): Buffer {
  return compound(0xc1, items);
}

export function described(code: number, value: Buffer): Buffer {
  return Buffer.concat([Buffer.from([0x00]), ulong(code), value]);
}

export function textArray(values: readonly string[]): Buffer {
  const elements = values.map((value) => {
    const bytes = Buffer.from(value, 'utf8');
    return Buffer.concat([u32(bytes.length), bytes]);
  });
  return array(0xb1, elements);
}

export function symbolArray(values: readonly string[]): Buffer {
  const elements = values.map((value) => Buffer.from(String.fromCharCode(value.length) + value));
  return array(0xa3, elements);
}

export function longArray(values: readonly number[]): Buffer {
  const elements = values.map((value) => long(value).subarray(1));
  return array(0x81, elements);
}

export function timestampArray(values: readonly number[]): Buffer {
  const elements = values.map((value) => timestamp(value).subarray(1));
  return array(0x83, elements);
}

/** Encodes a decoded value again: whole numbers become longs, the rest keeps its kind. */
export function encode(value: AmqpValue): Buffer {
  if (value === null) return nil;
  if (typeof value === 'boolean') return bool(value);
  if (typeof value === 'string') return text(value);
  if (typeof value === 'bigint') return value > MAX_LONG ? wideUlong(value) : long(value);
  if (typeof value === 'number') return Number.isSafeInteger(value) ? long(value) : double(value);
  if (value instanceof Date) return timestamp(value.getTime());
  if (value instanceof Uuid) return uuid(value.bytes);
  if (Buffer.isBuffer(value)) return binary(value);
  if (value instanceof Described) {
    return Buffer.concat([Buffer.from([0x00]), encode(value.descriptor), encode(value.value)]);
  }
  if (value instanceof Map) {
    const entries = value as ReadonlyMap<string, AmqpValue>;
    return map([...entries].flatMap(([key, item]) => [text(key), encode(item)]));
  }
  return list((value as readonly AmqpValue[]).map(encode));
}

function double(value: number): Buffer {
  const bytes = Buffer.allocUnsafe(9);
  bytes[0] = 0x82;
  bytes.writeDoubleBE(value, 1);
  return bytes;
}

const MAX_LONG = 2n ** 63n - 1n;

function wideUlong(value: bigint): Buffer {
  const bytes = Buffer.allocUnsafe(9);
  bytes[0] = 0x80;
  bytes.writeBigUInt64BE(value, 1);
  return bytes;
}

function wide(code: number, value: number | bigint): Buffer {
  const bytes = Buffer.allocUnsafe(9);
  bytes[0] = code;
  bytes.writeBigInt64BE(BigInt(value), 1);
  return bytes;
}

function variable(narrowCode: number, value: Buffer): Buffer {
  const head =
    value.length < 256
      ? Buffer.from([narrowCode, value.length])
      : Buffer.concat([Buffer.from([narrowCode + 0x10]), u32(value.length)]);
  return Buffer.concat([head, value]);
}

function compound(narrowCode: number, items: readonly Buffer[]): Buffer {
  const size = items.reduce((sum, item) => sum + item.length, 0);
  const head =
    size + 1 < 256 && items.length < 256
      ? Buffer.from([narrowCode, size + 1, items.length])
      : Buffer.concat([Buffer.from([narrowCode + 0x10]), u32(size + 4), u32(items.length)]);
  return Buffer.concat([head, ...items]);
}

function array(elementCode: number, elements: readonly Buffer[]): Buffer {
  const size = elements.reduce((sum, item) => sum + item.length, 0);
  const head = [Buffer.from([0xf0]), u32(size + 5), u32(elements.length)];
  return Buffer.concat([...head, Buffer.from([elementCode]), ...elements]);
}

function u32(value: number): Buffer {
  const bytes = Buffer.allocUnsafe(4);
  bytes.writeUInt32BE(value, 0);
  return bytes;
}
