import { askedMetrics, keyHash, metricKey, partitionOf } from '@headroom/core';
import type { SettingVersion, TargetId, WantedKey } from '@headroom/core';

interface Asked {
  readonly version: number;
  readonly keys: readonly string[];
}

/**
 * Which metrics anybody asks for, and which partitions of the log need each. Two steps: a hash table that the decoder asks
 * of every record without making a string, and a map that has the last word.
 */
export class WantedIndex {
  readonly #partitions: number;
  readonly #targets = new Map<TargetId, Asked>();
  /** By metric key, how many targets of each partition ask. */
  readonly #routes = new Map<string, Map<number, number>>();
  readonly #hashes = new HashSet();

  constructor(partitions: number) {
    this.#partitions = partitions;
  }

  /** True for every key that is asked for, and almost never for another. */
  readonly wanted: WantedKey = (high, low) => this.#hashes.has(high, low);

  /** The partitions that need the metric. */
  routes(resource: string, metric: string): Iterable<number> {
    return this.#routes.get(metricKey(resource, metric))?.keys() ?? [];
  }

  /** An older version than the known one changes nothing. */
  update(version: SettingVersion): void {
    const known = this.#targets.get(version.target);
    if (known !== undefined && known.version >= version.version) return;
    const partition = partitionOf(version.target, this.#partitions);
    const asked = askedMetrics(version.content);
    for (const [key, { resource, metric }] of asked) {
      this.#hashes.add(keyHash(resource, metric));
      this.#count(key, partition, 1);
    }
    for (const key of known?.keys ?? []) this.#count(key, partition, -1);
    this.#targets.set(version.target, { version: version.version, keys: [...asked.keys()] });
  }

  #count(key: string, partition: number, change: 1 | -1): void {
    const routes = this.#routes.get(key) ?? new Map<number, number>();
    const count = (routes.get(partition) ?? 0) + change;
    if (count > 0) routes.set(partition, count);
    else routes.delete(partition);
    // A hash that nobody asks for any more costs a look-up, no wrong answer; it goes with the process.
    if (routes.size > 0) this.#routes.set(key, routes);
    else this.#routes.delete(key);
  }
}

const initialSlots = 1024;

/** Open addressing over pairs of 32-bit words: a look-up is one cache line and allocates nothing. */
class HashSet {
  #slots = new Int32Array(initialSlots * 2);
  #used = new Uint8Array(initialSlots);
  #size = 0;

  has(high: number, low: number): boolean {
    return this.#used[this.#slotOf(high, low)] === 1;
  }

  add({ high, low }: { readonly high: number; readonly low: number }): void {
    const slot = this.#slotOf(high, low);
    if (this.#used[slot] === 1) return;
    this.#slots[slot * 2] = high;
    this.#slots[slot * 2 + 1] = low;
    this.#used[slot] = 1;
    this.#size++;
    if (this.#size * 2 > this.#used.length) this.#grow();
  }

  /** The slot of the pair, or the free one where it would go. At most half are in use, so it ends. */
  #slotOf(high: number, low: number): number {
    const mask = this.#used.length - 1;
    let slot = high & mask;
    while (this.#used[slot] === 1) {
      if (this.#slots[slot * 2] === high && this.#slots[slot * 2 + 1] === low) return slot;
      slot = (slot + 1) & mask;
    }
    return slot;
  }

  #grow(): void {
    const [slots, used] = [this.#slots, this.#used];
    this.#slots = new Int32Array(slots.length * 2);
    this.#used = new Uint8Array(used.length * 2);
    this.#size = 0;
    for (let slot = 0; slot < used.length; slot++) {
      if (used[slot] !== 1) continue;
      this.add({ high: slots[slot * 2] ?? 0, low: slots[slot * 2 + 1] ?? 0 });
    }
  }
}
