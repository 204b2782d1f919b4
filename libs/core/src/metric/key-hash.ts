/**
 * A 64-bit hash of (resource id, metric name) that ignores ASCII case, over bytes or over strings alike. The router
 * asks it of every record, wanted or not, so it is taken from the payload's bytes without making a string. A hit is
 * confirmed on the strings; a miss is final, because equal keys have equal hashes.
 */
export interface KeyHash {
  readonly high: number;
  readonly low: number;
}

/** Folds the bytes [start, end) of `bytes` into a running pair. Letters differ in bit 0x20 only. */
export class KeyHasher {
  high = 0;
  low = 0;

  reset(): this {
    this.high = 0x9e3779b1 | 0;
    this.low = 0x85ebca77 | 0;
    return this;
  }

  bytes(view: DataView, start: number, end: number): this {
    let high = this.high ^ (end - start);
    let low = this.low;
    let at = start;
    for (; at + 8 <= end; at += 8) {
      high = Math.imul(high ^ (view.getInt32(at, true) | 0x20202020), 0xcc9e2d51);
      high = (high << 13) | (high >>> 19);
      low = Math.imul(low ^ (view.getInt32(at + 4, true) | 0x20202020), 0x1b873593);
      low = (low << 15) | (low >>> 17);
    }
    for (; at < end; at++) {
      high = Math.imul(high ^ (view.getUint8(at) | 0x20), 0x01000193);
      low = Math.imul((low + high) | 0, 0x27d4eb2f);
      low ^= low >>> 15;
    }
    this.high = high;
    this.low = low;
    return this;
  }

  finish(): this {
    let high = this.high ^ (this.low >>> 16);
    high = Math.imul(high, 0x85ebca6b);
    high ^= high >>> 13;
    let low = Math.imul(this.low ^ high, 0xc2b2ae35);
    low ^= low >>> 16;
    this.high = high ^ (low >>> 7);
    this.low = low;
    return this;
  }
}

/** The hash of a key given as strings. Ids with characters beyond ASCII are not accepted by Azure's export either. */
export function keyHash(resource: string, metric: string): KeyHash {
  const view = new DataView(new ArrayBuffer(resource.length + metric.length));
  const text = resource + metric;
  for (let i = 0; i < text.length; i++) view.setUint8(i, text.charCodeAt(i) & 0xff);
  const hasher = new KeyHasher().reset();
  hasher.bytes(view, 0, resource.length).bytes(view, resource.length, text.length).finish();
  return { high: hasher.high, low: hasher.low };
}

/** Says of a record's key whether anybody asks for it. Called for every record: it must not allocate. */
export type WantedKey = (high: number, low: number) => boolean;
