import { askedMetrics, groupOf, keyHash, partitionOf } from '@headroom/core';
import type { SettingVersion, TargetId, WantedKey } from '@headroom/core';

/** One metric of a resource, and how many targets of each partition ask for it. */
interface Route {
  readonly resource: string;
  readonly metric: string;
  partitions: readonly number[];
  counts: readonly number[];
  /** Another metric of the resource: there are few. */
  next: Route | undefined;
}

interface Asked {
  readonly version: number;
  readonly partition: number;
  readonly routes: readonly Route[];
}

const nowhere: readonly number[] = [];

/**
 * Which metrics anybody asks for, and which partitions of the log need each. Two steps: a hash table that the decoder asks
 * of every record without making a string, and a map that has the last word.
 */
export class WantedIndex {
  readonly #partitions: number;
  readonly #targets = new Map<TargetId, Asked>();
  readonly #routes = new Map<string, Route>();
  readonly #hashes = new HashSet();

  constructor(partitions: number) {
    this.#partitions = partitions;
  }

  /** True for every key that is asked for, and almost never for another. */
  readonly wanted: WantedKey = (high, low) => this.#hashes.has(high, low);

  /** The partitions that need the metric; both names in lower case. */
  routes(resource: string, metric: string): Iterable<number> {
    return this.#find(resource, metric)?.partitions ?? nowhere;
  }

  /** An older version than the known one changes nothing. */
  update(version: SettingVersion): void {
    const known = this.#targets.get(version.target);
    if (known !== undefined && known.version >= version.version) return;
    const partition = partitionOf(groupOf(version), this.#partitions);
    const routes = [...askedMetrics(version.content).values()].map((asked) => {
      const { metric } = asked;
      // Mostly the target's own metrics: one string is kept of both.
      const resource = asked.resource === version.target ? version.target : asked.resource;
      this.#hashes.add(keyHash(resource, metric));
      const route = this.#find(resource, metric) ?? this.#open(resource, metric);
      count(route, partition, 1);
      return route;
    });
    if (known !== undefined) this.#release(known);
    this.#targets.set(version.target, { version: version.version, partition, routes });
  }

  #release({ partition, routes }: Asked): void {
    for (const route of routes) {
      count(route, partition, -1);
      if (route.partitions.length === 0) this.#close(route);
    }
  }

  #find(resource: string, metric: string): Route | undefined {
    let route = this.#routes.get(resource);
    while (route !== undefined && route.metric !== metric) route = route.next;
    return route;
  }

  #open(resource: string, metric: string): Route {
    const next = this.#routes.get(resource);
    const route = { resource, metric, partitions: nowhere, counts: nowhere, next };
    this.#routes.set(resource, route);
    return route;
  }

  /** A hash that nobody asks for any more costs a look-up, no wrong answer; it goes with the process. */
  #close({ resource, metric }: Route): void {
    const kept: Route[] = [];
    for (let route = this.#routes.get(resource); route !== undefined; route = route.next) {
      if (route.metric !== metric) kept.push(route);
    }
    kept.forEach((route, place) => (route.next = kept[place + 1]));
    const [first] = kept;
    if (first === undefined) this.#routes.delete(resource);
    else this.#routes.set(resource, first);
  }
}

/** Arrays are replaced, not grown: one that grows has room for sixteen more, and most have one member. */
function count(route: Route, partition: number, change: 1 | -1): void {
  const { partitions, counts } = route;
  const place = partitions.indexOf(partition);
  if (place === -1) {
    route.partitions = partitions.concat(partition);
    route.counts = counts.concat(change);
    return;
  }
  const left = (counts[place] ?? 0) + change;
  if (left > 0) {
    route.counts = counts.with(place, left);
    return;
  }
  route.partitions = partitions.toSpliced(place, 1);
  route.counts = counts.toSpliced(place, 1);
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
