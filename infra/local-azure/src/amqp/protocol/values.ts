import { DecodeError } from '../errors.ts';
import { MAX_DEPTH, MAX_EMPTY_ELEMENTS } from './limits.ts';

/**
 * An AMQP value as read from the wire. Symbols are strings; long numbers that do not fit are
 * bigints.
 */
export type AmqpValue = Scalar | readonly AmqpValue[] | AmqpMap | Described;
type Scalar = null | boolean | number | bigint | string | Buffer | Date | Uuid;
export type AmqpMap = ReadonlyMap<string, AmqpValue>;

export class Described {
  /** Numeric descriptors only as numbers; symbolic ones as their name. */
  readonly descriptor: AmqpValue;
  readonly value: AmqpValue;

  constructor(descriptor: AmqpValue, value: AmqpValue) {
    this.descriptor = descriptor;
    this.value = value;
  }
}

export class Uuid {
  readonly bytes: Buffer;

  constructor(bytes: Buffer) {
    this.bytes = bytes;
  }
}

/** Reads AMQP 1.0 encoded values. Throws DecodeError on bytes that end too early or are no AMQP. */
export class Reader {
  readonly bytes: Buffer;
  position: number;
  #depth = 0;
  #emptyElements = 0;

  constructor(bytes: Buffer, position = 0) {
    this.bytes = bytes;
    this.position = position;
  }

  get remaining(): number {
    return this.bytes.length - this.position;
  }

  read(): AmqpValue {
    const code = this.#u8();
    if (code !== 0x00) return this.#value(code);
    this.#descend();
    const described = new Described(this.read(), this.read());
    this.#depth--;
    return described;
  }

  /** Steps over one value without decoding it, and returns its bytes. */
  skip(): Buffer {
    const start = this.position;
    this.#skipValue();
    return this.bytes.subarray(start, this.position);
  }

  /** Enters a list or map and returns how many items follow. */
  enter(): number {
    const code = this.#u8();
    if (code === 0x45) return 0;
    const wide = (code >> 4) % 2 === 1;
    if (code !== 0xc0 && code !== 0xc1 && code !== 0xd0 && code !== 0xd1) throw badCode(code);
    this.#size(wide);
    return this.#size(wide);
  }

  #skipValue(): void {
    const code = this.#u8();
    if (code === 0x00) {
      this.#descend();
      this.#skipValue();
      this.#skipValue();
      this.#depth--;
      return;
    }
    const kind = code >> 4;
    if (kind < 4) throw badCode(code);
    const size = kind < 0xa ? fixedWidth(kind) : this.#size(kind % 2 === 1);
    this.#take(size);
  }

  #value(code: number): AmqpValue {
    const kind = code >> 4;
    if (kind < 0xa) return this.#fixed(code);
    if (kind < 0xc) return this.#variable(code);
    this.#descend();
    const value = kind < 0xe ? this.#compound(code) : this.#array(code);
    this.#depth--;
    return value;
  }

  #fixed(code: number): AmqpValue {
    const at = this.#take(fixedWidth(code >> 4));
    const { bytes } = this;
    switch (code) {
      case 0x40:
        return null;
      case 0x41:
        return true;
      case 0x42:
        return false;
      case 0x43:
      case 0x44:
        return 0;
      case 0x45:
        return [];
      case 0x50:
      case 0x52:
      case 0x53:
        return bytes.readUInt8(at);
      case 0x51:
      case 0x54:
      case 0x55:
        return bytes.readInt8(at);
      case 0x56:
        return bytes.readUInt8(at) !== 0;
      case 0x60:
        return bytes.readUInt16BE(at);
      case 0x61:
        return bytes.readInt16BE(at);
      case 0x70:
      case 0x73:
        return bytes.readUInt32BE(at);
      case 0x71:
        return bytes.readInt32BE(at);
      case 0x72:
        return bytes.readFloatBE(at);
      case 0x80:
        return narrow(bytes.readBigUInt64BE(at));
      case 0x81:
        return narrow(bytes.readBigInt64BE(at));
      case 0x82:
        return bytes.readDoubleBE(at);
      case 0x83:
        return dateOf(bytes.readBigInt64BE(at));
      case 0x98:
        return new Uuid(bytes.subarray(at, at + 16));
      default:
        throw badCode(code);
    }
  }

  #variable(code: number): AmqpValue {
    const size = this.#size(code >> 4 === 0xb);
    const start = this.#take(size);
    if ((code & 0xf) === 0) return this.bytes.subarray(start, this.position);
    return this.bytes.toString('utf8', start, this.position);
  }

  #compound(code: number): AmqpValue {
    const wide = code >> 4 === 0xd;
    this.#size(wide);
    const count = this.#size(wide);
    return (code & 0xf) === 1 ? this.#map(count) : this.#list(count);
  }

  #list(count: number): AmqpValue[] {
    const items: AmqpValue[] = [];
    for (let i = 0; i < count; i++) items.push(this.read());
    return items;
  }

  #map(count: number): AmqpMap {
    const map = new Map<string, AmqpValue>();
    for (let i = 0; i + 1 < count; i += 2) map.set(keyText(this.read()), this.read());
    return map;
  }

  #array(code: number): AmqpValue[] {
    const wide = code >> 4 === 0xf;
    this.#size(wide);
    const count = this.#size(wide);
    let element = this.#u8();
    if (element === 0x00) {
      this.read();
      element = this.#u8();
    }
    // Counted over all arrays: many small ones inside another ask for as many values as a big one.
    if (element >> 4 === 4) this.#emptyElements += count;
    if (count > this.remaining && element >> 4 !== 4) throw new DecodeError('AMQP array too long');
    if (this.#emptyElements > MAX_EMPTY_ELEMENTS) throw new DecodeError('AMQP array too long');
    const items: AmqpValue[] = [];
    for (let i = 0; i < count; i++) items.push(this.#value(element));
    return items;
  }

  #descend(): void {
    if (++this.#depth > MAX_DEPTH) throw new DecodeError('AMQP value is nested too deep');
  }

  /** Moves over `count` bytes and returns where they start. */
  #take(count: number): number {
    const at = this.position;
    if (count > this.bytes.length - at) throw new DecodeError('AMQP value ends too early');
    this.position = at + count;
    return at;
  }

  #u8(): number {
    return this.bytes.readUInt8(this.#take(1));
  }

  #size(wide: boolean): number {
    const at = this.#take(wide ? 4 : 1);
    return wide ? this.bytes.readUInt32BE(at) : this.bytes.readUInt8(at);
  }
}

export function asMap(value: AmqpValue | undefined): AmqpMap {
  return value instanceof Map ? (value as AmqpMap) : EMPTY_MAP;
}

export function asList(value: AmqpValue | undefined): readonly AmqpValue[] {
  return Array.isArray(value) ? (value as readonly AmqpValue[]) : [];
}

export function asText(value: AmqpValue | undefined): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

export function asNumber(value: AmqpValue | undefined): number | undefined {
  if (typeof value === 'bigint') return Number(value);
  return typeof value === 'number' ? value : undefined;
}

/** A field that is a uint, a ushort or a ubyte. Throws DecodeError when it holds anything else. */
export function asUint(value: AmqpValue | undefined): number | undefined {
  if (value === undefined || value === null) return undefined;
  if (Number.isInteger(value) && Number(value) >= 0 && Number(value) <= MAX_UINT) {
    return Number(value);
  }
  throw new DecodeError('AMQP: a field that has to be an unsigned number is something else');
}

const MAX_UINT = 0xffff_ffff;
const EMPTY_MAP: AmqpMap = new Map();

function keyText(key: AmqpValue): string {
  if (typeof key === 'string') return key;
  if (typeof key === 'number' || typeof key === 'bigint') return key.toString();
  throw new DecodeError('AMQP map key is neither text nor number');
}

function fixedWidth(kind: number): number {
  return kind === 4 ? 0 : 1 << (kind - 5);
}

function narrow(value: bigint): number | bigint {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}

function dateOf(epochMs: bigint): Date {
  const date = new Date(Number(epochMs));
  if (Number.isNaN(date.getTime())) throw new DecodeError('AMQP timestamp out of range');
  return date;
}

function badCode(code: number): DecodeError {
  return new DecodeError(`0x${code.toString(16)} is no AMQP type code here`);
}
