import type { Json } from '../../json.ts';

/**
 * A value as bytes whose order is the order of the values: undefined, null, false, true, numbers,
 * strings by UTF-16 code units, arrays, objects; arrays are equal among themselves, and so are objects.
 * No value's bytes are the beginning of another's, so that the bytes of several values can be joined.
 */
export function encodeValue(value: Json | undefined): Buffer {
  if (value === undefined) return Buffer.of(TYPE.undefined);
  if (value === null) return Buffer.of(TYPE.null);
  if (typeof value === 'boolean') return Buffer.of(value ? TYPE.true : TYPE.false);
  if (typeof value === 'number') return encodeNumber(value);
  if (typeof value === 'string') return Buffer.concat([encodeStart(value), TERMINATOR]);
  return Buffer.of(Array.isArray(value) ? TYPE.array : TYPE.object);
}

/** What the bytes of every string with this beginning begin with. */
export function encodeStart(text: string): Buffer {
  const body = Buffer.from(LOW.test(text) ? escapeLow(text) : text, 'utf16le').swap16();
  return Buffer.concat([Buffer.of(TYPE.string), body]);
}

/** The order turned round. */
export function invert(bytes: Uint8Array): Buffer {
  const inverted = Buffer.from(bytes);
  for (let at = 0; at < inverted.length; at++) inverted[at] = ~(inverted[at] ?? 0) & 0xff;
  return inverted;
}

/** The least bytes behind all that begin with these; undefined when there are none. */
export function endOf(bytes: Uint8Array): Buffer | undefined {
  let length = bytes.length;
  while (length > 0 && bytes[length - 1] === 0xff) length -= 1;
  if (length === 0) return undefined;
  const end = Buffer.from(bytes.subarray(0, length));
  end[length - 1] = (end[length - 1] ?? 0) + 1;
  return end;
}

export const encodeNumber = (value: number): Buffer => {
  const bytes = Buffer.alloc(9);
  bytes[0] = TYPE.number;
  // -0 is 0.
  bytes.writeDoubleBE(value === 0 ? 0 : value, 1);
  if (value < 0) for (let at = 1; at < 9; at++) bytes[at] = ~(bytes[at] ?? 0) & 0xff;
  else bytes[1] = (bytes[1] ?? 0) | 0x80;
  return bytes;
};

export const TYPE = {
  undefined: 1,
  null: 2,
  false: 3,
  true: 4,
  number: 5,
  string: 6,
  array: 7,
  object: 8,
} as const;

const TERMINATOR = Buffer.of(0, 0);
const LOW = new RegExp('[\\u0000\\u0001]');

/** The terminator is two zero bytes: the two lowest characters become pairs behind it. */
const escapeLow = (text: string): string =>
  text.replaceAll('\u0001', '\u0001\u0002').replaceAll('\u0000', '\u0001\u0001');
