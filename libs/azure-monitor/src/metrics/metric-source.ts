import pMap from 'p-map';
import { subscriptionOf } from '@headroom/core';
import type { Millis } from '@headroom/core';
import type { Clock, Log, MetricAnswer, MetricRead, MetricSource } from '@headroom/ports';
import type { MonitorOptions } from '../access.ts';
import { Patience } from '../patience.ts';
import { BatchRights } from './batch-rights.ts';
import { metricCalls } from './metric-calls.ts';
import type { MetricCalls } from './metric-calls.ts';
import { singleCallsMax } from './batch-reading.ts';
import { Memory } from './memory.ts';
import { Reading } from './reading.ts';
import { SeriesSeen } from './series-seen.ts';

/** Resources whose region is remembered. */
const regionsMax = 20_000;
const metricsDependency = 'Azure Monitor';

export interface MetricsOptions extends MonitorOptions {
  /**
   * All waits of one call together that Azure asks for; two minutes when absent. One who comes again by himself, as Azure says
   * when, waits less here: what he holds meanwhile others wait for.
   */
  readonly waitsMaxMs?: Millis;
}

/** Azure Monitor, through its batch API where that is allowed, else through Resource Manager. */
export function connectMetrics(options: MetricsOptions, clock: Clock, log: Log): MetricSource {
  const patience = () => new Patience(clock, metricsDependency, options.waitsMaxMs);
  return new AzureMetricSource(metricCalls(options), patience, clock, log);
}

class AzureMetricSource implements MetricSource {
  readonly #calls: MetricCalls;
  /** Anew for each read. */
  readonly #patience: () => Patience;
  readonly #rights: BatchRights;
  readonly #seen = new SeriesSeen();
  readonly #memory: Memory;
  readonly #regions = new Map<string, string>();

  constructor(calls: MetricCalls, patience: () => Patience, clock: Clock, log: Log) {
    this.#calls = calls;
    this.#patience = patience;
    this.#rights = new BatchRights(clock, log);
    this.#memory = new Memory(clock);
  }

  async regionsOf(resources: readonly string[]): Promise<ReadonlyMap<string, string>> {
    const unknown = [...new Set(resources)].filter((resource) => !this.#regions.has(resource));
    await pMap(unknown, (resource) => this.#learnRegion(resource), {
      concurrency: singleCallsMax,
    });
    const known = resources.map((resource) => [resource, this.#regions.get(resource)] as const);
    return new Map(known.filter((pair): pair is [string, string] => pair[1] !== undefined));
  }

  read(batch: MetricRead): Promise<MetricAnswer> {
    const asking = {
      ...{ calls: this.#calls, rights: this.#rights, memory: this.#memory },
      ...{ patience: this.#patience(), region: batch.region },
    };
    return new Reading(asking, this.#seen, batch).answer();
  }

  /** One that is refused is left out: `read` says why. */
  async #learnRegion(resource: string): Promise<void> {
    if (subscriptionOf(resource) === undefined) return;
    const answered = await this.#patience().call(() => this.#calls.region(resource));
    if (!answered.ok || answered.value === undefined) return;
    if (this.#regions.size >= regionsMax) this.#regions.clear();
    this.#regions.set(resource, answered.value);
  }
}
