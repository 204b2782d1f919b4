import type { Log } from '@headroom/ports';

const rememberedMax = 1000;
/** What is put into the name of a host that gets a token. */
const region = /^[a-z0-9-]{1,64}$/;
/** The batch API knows the platform's metrics only: their namespaces are types of resources (Migrate to the getBatch API). */
const resourceType = /^[^/.]+(\.[^/.]+)+\/[^/]/;

/** Where the batch API can be used. What has been refused once is not tried again, and told once. */
export class BatchRights {
  readonly #log: Log;
  readonly #without = new Set<string>();

  constructor(log: Log) {
    this.#log = log;
  }

  allows(batch: { subscription: string; region: string; namespace: string }): boolean {
    return (
      region.test(batch.region) &&
      resourceType.test(batch.namespace) &&
      !this.#without.has(batch.subscription) &&
      !this.#without.has(batch.region)
    );
  }

  /** The batch API needs Monitoring Reader on the subscription; the other on the resource alone. */
  refused(subscription: string, why: string): void {
    this.#remember(subscription);
    const todo = 'grant Monitoring Reader on the subscription for fewer calls';
    this.#log.warn('metrics.batch-refused', { subscription, why, todo });
  }

  /** Not every region's name is one of a host. */
  unreachable(name: string, why: string): void {
    this.#remember(name);
    this.#log.warn('metrics.batch-unreachable', { region: name, why });
  }

  #remember(name: string): void {
    if (this.#without.size >= rememberedMax) this.#without.clear();
    this.#without.add(name);
  }
}
