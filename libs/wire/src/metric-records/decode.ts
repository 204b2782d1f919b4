import type { WantedKey } from '@headroom/core';
import type { DecodedMetrics } from './decoded.ts';
import { bodyBytesMax } from './limits.ts';
import { readBody, rejectedBody } from './read-body.ts';
import { ScanMemory, scanBody } from './scan-body.ts';

/**
 * Reads the messages of the hub `metrics`. One for a whole feed is faster than one a message, for it
 * remembers series, names and times; what a message means does not depend on those before it.
 */
export class MetricDecoder {
  readonly #memory = new ScanMemory();

  /**
   * The samples of one message that `wanted` asks for. Never throws. `wanted` may be asked twice of
   * one record.
   *
   * Most records are wanted by nobody: the scanner passes over them without making an object. It
   * gives up on a message that holds anything unusual, and the slow path reads the same message to
   * the same result.
   */
  decode(bytes: Uint8Array, wanted: WantedKey): DecodedMetrics {
    if (bytes.length > bodyBytesMax) {
      const reason = `a message: ${bytes.length} bytes, at most ${bodyBytesMax} are read`;
      return rejectedBody(bytes, reason);
    }
    return scanBody(bytes, wanted, this.#memory) ?? readBody(bytes, wanted);
  }
}

/** One message by itself. */
export function decodeMetrics(bytes: Uint8Array, wanted: WantedKey): DecodedMetrics {
  return new MetricDecoder().decode(bytes, wanted);
}
