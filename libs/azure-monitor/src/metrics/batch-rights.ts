import type { Millis } from '@headroom/core';
import type { Clock, Log } from '@headroom/ports';

const rememberedMax = 1000;
/** How long a host that did not answer is left alone. */
const unreachableMs: Millis = 10 * 60_000;
/** What is put into the name of a host that gets a token. */
const region = /^[a-z0-9-]{1,64}$/;
/** The batch API knows the platform's metrics only: their namespaces are types of resources (Migrate to the getBatch API). */
const resourceType = /^[^/.]+(\.[^/.]+)+\/[^/]/;

/** Where the batch API can be used. What has been refused once is not tried again, and told once. */
export class BatchRights {
  readonly #clock: Clock;
  readonly #log: Log;
  /** Subscriptions and regions, until when. */
  readonly #without = new Map<string, number>();

  constructor(clock: Clock, log: Log) {
    this.#clock = clock;
    this.#log = log;
  }

  allows(batch: { subscription: string; region: string; namespace: string }): boolean {
    return (
      region.test(batch.region) &&
      resourceType.test(batch.namespace) &&
      !this.#isWithout(batch.subscription) &&
      !this.#isWithout(batch.region)
    );
  }

  /** The batch API needs Monitoring Reader on the subscription; the other on the resource alone. */
  refused(subscription: string, why: string): void {
    this.#remember(subscription, Infinity);
    const todo = 'grant Monitoring Reader on the subscription for fewer calls';
    this.#log.warn('metrics.batch-refused', { subscription, why, todo });
  }

  unreachable(name: string, why: string): void {
    this.#remember(name, this.#clock.monotonicMs() + unreachableMs);
    this.#log.warn('metrics.batch-unreachable', { region: name, why });
  }

  #isWithout(name: string): boolean {
    return (this.#without.get(name) ?? -Infinity) > this.#clock.monotonicMs();
  }

  #remember(name: string, until: number): void {
    if (this.#without.size >= rememberedMax) this.#without.clear();
    this.#without.set(name, until);
  }
}
