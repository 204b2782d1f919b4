import type { KeyHasher, SeriesKey } from '@headroom/core';
import { sameBytes } from './same-bytes.ts';
import type { SeriesNames } from './series-names.ts';

/** Most series that are remembered, and most bytes of their names; past that all are forgotten. */
const seriesMax = 500_000;
const nameBytesMax = 2 ** 27;

const initialSlots = 16;
const initialBytes = 2 ** 9;
/** Of a slot: the high and the low word of the hash, and the series' number + 1, 0 where it is free. */
const slotWords = 3;

/**
 * Series keys by the bytes that they were read from, so that a series which comes each minute makes
 * no strings and is one object. A memory only: equal bytes make equal keys.
 */
export class SeriesCache {
  #slots = new Int32Array(initialSlots * slotWords);
  #keys: SeriesKey[] = [];
  /** By series: where its names begin in `#bytes`. A zero, which no name has in it, ends each name. */
  #begins: number[] = [];
  #bytes = new Uint8Array(initialBytes);
  #view = new DataView(this.#bytes.buffer);
  #end = 0;
  readonly #seriesMax: number;

  constructor(most = seriesMax) {
    this.#seriesMax = most;
  }

  /** `hash`: of the names. */
  find(view: DataView, names: SeriesNames, hash: KeyHasher): SeriesKey | undefined {
    const mask = this.#slots.length / slotWords - 1;
    for (let slot = hash.high & mask; ; slot = (slot + 1) & mask) {
      const at = slot * slotWords;
      const index = (this.#slots[at + 2] ?? 0) - 1;
      if (index < 0) return undefined;
      if (this.#slots[at] !== hash.high || this.#slots[at + 1] !== hash.low) continue;
      if (this.#isNamed(index, view, names)) return this.#keys[index];
    }
  }

  /** What `find` did not find. */
  keep(bytes: Uint8Array, names: SeriesNames, hash: KeyHasher, key: SeriesKey): void {
    if (this.#keys.length >= this.#seriesMax || this.#end >= nameBytesMax) this.#clear();
    const length = names.byteLength + names.count;
    if (this.#end + length > this.#bytes.length) this.#growBytes(this.#end + length);
    this.#begins.push(this.#end);
    for (let name = 0; name < names.count; name++) {
      const part = bytes.subarray(names.begins[name], names.ends[name]);
      this.#bytes.set(part, this.#end);
      this.#end += part.length + 1;
    }
    this.#keys.push(key);
    this.#occupy(hash.high, hash.low, this.#keys.length);
    if (this.#keys.length * 2 * slotWords > this.#slots.length) this.#growSlots();
  }

  #isNamed(index: number, view: DataView, names: SeriesNames): boolean {
    let at = this.#begins[index] ?? 0;
    const next = this.#begins[index + 1] ?? this.#end;
    if (next - at !== names.byteLength + names.count) return false;
    for (let name = 0; name < names.count; name++) {
      const begin = names.begins[name] ?? 0;
      const length = (names.ends[name] ?? 0) - begin;
      if (at + length >= next) return false;
      if (!sameBytes(view, begin, this.#view, at, length)) return false;
      if (this.#bytes[at + length] !== 0) return false;
      at += length + 1;
    }
    return true;
  }

  #occupy(high: number, low: number, number: number): void {
    const mask = this.#slots.length / slotWords - 1;
    let slot = high & mask;
    while (this.#slots[slot * slotWords + 2] !== 0) slot = (slot + 1) & mask;
    this.#slots.set([high, low, number], slot * slotWords);
  }

  #growSlots(): void {
    const before = this.#slots;
    this.#slots = new Int32Array(before.length * 2);
    for (let at = 0; at < before.length; at += slotWords) {
      const [high = 0, low = 0, number = 0] = before.subarray(at, at + slotWords);
      if (number !== 0) this.#occupy(high, low, number);
    }
  }

  #growBytes(length: number): void {
    const grown = new Uint8Array(2 ** Math.ceil(Math.log2(length)));
    grown.set(this.#bytes.subarray(0, this.#end));
    this.#bytes = grown;
    this.#view = new DataView(grown.buffer);
  }

  #clear(): void {
    this.#slots.fill(0);
    this.#keys = [];
    this.#begins = [];
    this.#end = 0;
  }
}
