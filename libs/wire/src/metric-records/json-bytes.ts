import { isAscii } from 'node:buffer';

// JSON's tokens on bytes. A position past the end reads as 0, which fits no token. The functions
// answer `surprise` where the text is not the plain JSON that they know; a number and not
// undefined, so that the loops stay flat.

export const surprise = -1;

const quote = 34;
const backslash = 92;
const del = 127;

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

export function byteAt(view: DataView, at: number): number {
  return at < view.byteLength ? view.getUint8(at) : 0;
}

export function skipSpace(view: DataView, from: number): number {
  let at = from;
  for (;;) {
    const byte = byteAt(view, at);
    if (byte > 32 || (byte !== 32 && byte !== 10 && byte !== 13 && byte !== 9)) return at;
    at++;
  }
}

/**
 * The closing quote of the string that begins at `from`, after its opening quote, in plain bytes
 * (`isPlain`). Control characters are a surprise. Four bytes at a time: flipping bit 1 takes the
 * quote to 0x20, next to the control characters, and a subtraction sets the high bit of what is
 * below 0x21. The lowest such byte is told truly; bytes above it may be hit by its borrow.
 */
export function stringEnd(view: DataView, from: number): number {
  let at = from;
  const lastWord = view.byteLength - 4;
  while (at <= lastWord) {
    const word = view.getInt32(at, true);
    const hits = ((word ^ 0x02020202) - 0x21212121) & highBits;
    if (hits !== 0) {
      at += (31 - Math.clz32(hits & -hits)) >> 3;
      return view.getUint8(at) === quote ? at : surprise;
    }
    at += 4;
  }
  while (byteAt(view, at) > quote || byteAt(view, at) === 32 || byteAt(view, at) === 33) at++;
  return byteAt(view, at) === quote ? at : surprise;
}

/**
 * The end of the number at `from`. Ones with an exponent, or so long that they may be infinite, are
 * surprises.
 */
export function numberEnd(view: DataView, from: number): number {
  let at = from;
  let byte = byteAt(view, at);
  if (byte === 45) byte = byteAt(view, ++at);
  const whole = at;
  const leading = byte;
  while (byte >= 48 && byte <= 57) byte = byteAt(view, ++at);
  if (at === whole || (leading === 48 && at > whole + 1)) return surprise;
  if (byte === 46) {
    const fraction = at + 1;
    do byte = byteAt(view, ++at);
    while (byte >= 48 && byte <= 57);
    if (at === fraction) return surprise;
  }
  return (byte | 32) === 101 || at - from > numberLengthMax ? surprise : at;
}
