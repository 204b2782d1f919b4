import { isAscii } from 'node:buffer';

// JSON's tokens on bytes. A position past the end reads as 0, which fits no token. The functions
// answer `surprise` where the text is not the plain JSON that they know; a number and not
// undefined, so that the loops stay flat.

export const surprise = -1;

const quote = 34;
const backslash = 92;
const del = 127;
const minus = 45;
const point = 46;
const zero = 48;

/**
 * Longest number that is read; the shortest text of a double has at most 25 characters without an
 * exponent.
 */
const numberLengthMax = 32;

/** The high bit of each byte of a word. */
const highBits = 0x80808080 | 0;

/**
 * Whether strings can be read without a look at each byte: no escapes, nothing beyond ASCII.
 * Native, so nearly free.
 */
export function isPlain(buffer: Buffer): boolean {
  return isAscii(buffer) && !buffer.includes(backslash) && !buffer.includes(del);
}

export function byteAt(bytes: Uint8Array, at: number): number {
  return bytes[at] ?? 0;
}

export function skipSpace(bytes: Uint8Array, from: number): number {
  let at = from;
  for (;;) {
    const byte = bytes[at] ?? 0;
    if (byte > 32 || (byte !== 32 && byte !== 10 && byte !== 13 && byte !== 9)) return at;
    at++;
  }
}

/**
 * The closing quote of the string that begins at `from`, after its opening quote, in plain bytes
 * (`isPlain`). Control characters are a surprise. Eight bytes at a time.
 */
export function stringEnd(bytes: Uint8Array, view: DataView, from: number): number {
  let at = from;
  const lastPair = bytes.length - 8;
  while (at <= lastPair) {
    const first = stringEnds(view.getInt32(at, true));
    const second = stringEnds(view.getInt32(at + 4, true));
    if ((first | second) !== 0) {
      at += first !== 0 ? lowestByte(first) : 4 + lowestByte(second);
      return bytes[at] === quote ? at : surprise;
    }
    at += 8;
  }
  while (byteAt(bytes, at) >= 32 && bytes[at] !== quote) at++;
  return bytes[at] === quote ? at : surprise;
}

/**
 * The end of the number at `from`. Ones with an exponent, or so long that they may be infinite, are
 * surprises.
 */
export function numberEnd(bytes: Uint8Array, view: DataView, from: number): number {
  const whole = bytes[from] === minus ? from + 1 : from;
  let at = digitsEnd(bytes, view, whole);
  if (at === whole || (bytes[whole] === zero && at > whole + 1)) return surprise;
  if (bytes[at] === point) {
    const fraction = at + 1;
    at = digitsEnd(bytes, view, fraction);
    if (at === fraction) return surprise;
  }
  return (byteAt(bytes, at) | 32) === 101 || at - from > numberLengthMax ? surprise : at;
}

/** The value of the number at [begin, end), whose grammar `numberEnd` has checked, as JSON.parse reads it. */
export function numberAt(bytes: Buffer, begin: number, end: number): number {
  const first = bytes[begin] === minus ? begin + 1 : begin;
  let digits = 0;
  let fraction = 0;
  for (let at = first; at < end; at++) {
    const digit = byteAt(bytes, at) ^ zero;
    if (digit < 10) digits = digits * 10 + digit;
    else fraction = end - at - 1;
  }
  // So few digits make an exact integer, and one division by an exact power is rounded once.
  if (end - first > exactDigitsMax) return Number(bytes.toString('latin1', begin, end));
  const value = digits / (powersOfTen[fraction] ?? 1);
  return first === begin ? value : -value;
}

/** Integers of so many digits are below 2 ** 53. */
const exactDigitsMax = 15;
const powersOfTen = Array.from({ length: exactDigitsMax }, (_, power) => Number(`1e${power}`));

function digitsEnd(bytes: Uint8Array, view: DataView, from: number): number {
  let at = from;
  const lastWord = bytes.length - 4;
  while (at <= lastWord) {
    const others = notDigits(view.getInt32(at, true));
    if (others !== 0) return at + lowestByte(others);
    at += 4;
  }
  while ((byteAt(bytes, at) ^ zero) < 10) at++;
  return at;
}

// Four bytes of ASCII as one word, and the high bits of those that are looked for.

/**
 * Quotes and control characters. Flipping bit 1 takes the quote to 0x20, next to the control
 * characters, and a subtraction sets the high bit of what is below 0x21. The lowest such byte is
 * told truly; bytes above it may be hit by its borrow.
 */
function stringEnds(word: number): number {
  return ((word ^ 0x02020202) - 0x21212121) & highBits;
}

/** Of ASCII only the digits are below 10 once the bits of `0` are flipped; no sum leaves its byte. */
function notDigits(word: number): number {
  return ((word ^ 0x30303030) + 0x76767676) & highBits;
}

function lowestByte(marks: number): number {
  return (31 - Math.clz32(marks & -marks)) >> 3;
}
