import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';

/**
 * The first 128 bits of SHA-256 over the parts, as 32 hexadecimal digits. Ids are derived, never generated: the same
 * inputs name the same thing in every process. Parts are length-prefixed, so that ('ab','c') differs from ('a','bc').
 */
export function idOf(...parts: readonly (string | number)[]): string {
  const text = parts.map((part) => `${String(part).length}:${String(part)}`).join('|');
  return bytesToHex(sha256(utf8ToBytes(text))).slice(0, 32);
}

/** A 32-bit FNV-1a hash with a final mix, for spreading work. Its values are part of the log's layout: never change it. */
export function spread(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) {
    hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  }
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  return (hash ^ (hash >>> 13)) >>> 0;
}
