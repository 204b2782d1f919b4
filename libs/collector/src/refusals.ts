import { after, minuteMs } from '@headroom/core';
import type { Instant } from '@headroom/core';
import type { RefusedMetric } from '@headroom/ports';
import type { PolledRead } from './polled-reads.ts';

/** What was refused is asked for again after so long: rights are given and resources made. */
const againMs = 10 * minuteMs;

/** What Azure does not tell, by name and with its reason, until it is asked again. */
export class Refusals {
  readonly #refused = new Map<
    string,
    { readonly refusal: RefusedMetric; readonly until: Instant }
  >();

  /** True where it was not known. */
  add(refusal: RefusedMetric, now: Instant): boolean {
    const name = nameOf(refusal.resource, refusal.metric);
    const isNew = !this.#refused.has(name);
    this.#refused.set(name, { refusal, until: after(now, againMs) });
    return isNew;
  }

  /** It was served. */
  clear({ resource, metric }: PolledRead): void {
    this.#refused.delete(nameOf(resource, metric));
    this.#refused.delete(nameOf(resource));
  }

  /** Whether it need not be asked for now. */
  isWaiting({ resource, metric }: PolledRead, now: Instant): boolean {
    const until = (name: string) => this.#refused.get(name)?.until ?? -Infinity;
    return until(nameOf(resource)) > now || until(nameOf(resource, metric)) > now;
  }

  /** Forgets what nobody asks for any more. */
  keep(resources: ReadonlySet<string>): void {
    for (const [name, { refusal }] of this.#refused) {
      if (!resources.has(refusal.resource)) this.#refused.delete(name);
    }
  }

  get all(): readonly RefusedMetric[] {
    return [...this.#refused.values()].map(({ refusal }) => refusal);
  }
}

function nameOf(resource: string, metric = ''): string {
  return `${resource}\n${metric.toLowerCase()}`;
}
