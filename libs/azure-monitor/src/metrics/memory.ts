import type { Millis } from '@headroom/core';
import type { Clock, RefusedMetric } from '@headroom/ports';

/** How long what Azure refused is not asked for again. */
const refusedMs: Millis = 10 * 60_000;
const rememberedMax = 20_000;

/** Of a resource, or of one metric of it. */
interface Remembered {
  readonly until: number;
  /** Absent: Resource Manager answers, only the batch does not. */
  readonly why?: string;
}

/**
 * What Azure refused not long ago. A resource that was deleted fails the batch of fifty that it is in, and finding it takes calls:
 * done every minute, they would use up what Resource Manager allows.
 */
export class Memory {
  readonly #clock: Clock;
  readonly #remembered = new Map<string, Remembered>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  refused(namespace: string, { resource, metric = '', why }: RefusedMetric): void {
    this.#put(keyOf(namespace, resource, metric), { until: this.#until(), why });
  }

  /** The batch does not take it, and Resource Manager does: it is better asked for by itself. */
  outOfBatch(namespace: string, resource: string): void {
    const key = keyOf(namespace, resource);
    if (this.#find(key) === undefined) this.#put(key, { until: this.#until() });
  }

  isOutOfBatch(namespace: string, resource: string): boolean {
    return this.#find(keyOf(namespace, resource)) !== undefined;
  }

  /** Why it would be refused; `undefined`: it is worth asking. */
  whyNot(namespace: string, resource: string, metric = ''): string | undefined {
    return this.#find(keyOf(namespace, resource, metric))?.why;
  }

  #find(key: string): Remembered | undefined {
    const found = this.#remembered.get(key);
    if (found === undefined || found.until > this.#clock.monotonicMs()) return found;
    this.#remembered.delete(key);
    return undefined;
  }

  #put(key: string, remembered: Remembered): void {
    if (this.#remembered.size >= rememberedMax) this.#remembered.clear();
    this.#remembered.set(key, remembered);
  }

  #until(): number {
    return this.#clock.monotonicMs() + refusedMs;
  }
}

function keyOf(namespace: string, resource: string, metric = ''): string {
  return [namespace, resource, metric].join('\n').toLowerCase();
}
