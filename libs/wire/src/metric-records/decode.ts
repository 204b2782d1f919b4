import type { WantedKey } from '@headroom/core';
import type { DecodedMetrics } from './decoded.ts';
import { bodyBytesMax } from './limits.ts';
import { readBody, rejectedBody } from './read-body.ts';
import { scanBody } from './scan-body.ts';

/**
 * The samples of one message that `wanted` asks for. Never throws. `wanted` may be asked twice of
 * one record.
 *
 * Most records are wanted by nobody: the scanner passes over them without making an object. It
 * gives up on a message that holds anything unusual, and the slow path reads the same message to
 * the same result.
 */
export function decodeMetrics(bytes: Uint8Array, wanted: WantedKey): DecodedMetrics {
  if (bytes.length > bodyBytesMax) {
    const reason = `a message: ${bytes.length} bytes, at most ${bodyBytesMax} are read`;
    return rejectedBody(bytes, reason);
  }
  return scanBody(bytes, wanted) ?? readBody(bytes, wanted);
}
