import { after, assert, instant } from '@headroom/core';
import type { Instant, Millis, Sample } from '@headroom/core';
import { DependencyUnavailable, readMetricsMax, readResourcesMax } from '@headroom/ports';
import type { Clock, MetricAnswer, MetricRead, MetricSource, RefusedMetric } from '@headroom/ports';

export interface MemoryMetricSourceOptions {
  readonly clock: Pick<Clock, 'now'>;
  /** From the end of a grain until it is shown. */
  readonly lagMs: Millis;
  /** Where no other was said of a resource. */
  readonly region?: string;
}

/**
 * Azure Monitor in memory, on the clock. It shows a sample `lagMs` after its grain's end; a later one of the same series and
 * time corrects it. Coarser grains, and series over fewer dimensions, are made of what it holds.
 */
export class MemoryMetricSource implements MetricSource {
  readonly #options: MemoryMetricSourceOptions;
  /** By resource. */
  readonly #shown = new Map<string, ShownSample[]>();
  readonly #regions = new Map<string, string | undefined>();
  readonly #refusals = new Map<string, readonly RefusedMetric[]>();
  readonly #failures: (Millis | undefined)[] = [];
  readonly #reads: MetricRead[] = [];
  #outageUntil = instant(-Infinity);

  constructor(options: MemoryMetricSourceOptions) {
    this.#options = options;
  }

  /** `shownAt`: when it is seen for the first time; the lag after its end where none is given. */
  put(sample: Sample, shownAt?: Instant): void {
    const end = after(sample.time, sample.grainMs);
    const list = this.#shown.get(sample.series.resource) ?? [];
    list.push({ sample, at: shownAt ?? after(end, this.#options.lagMs) });
    this.#shown.set(sample.series.resource, list);
  }

  /** `undefined`: Azure does not say. */
  locate(resource: string, region: string | undefined): void {
    this.#regions.set(resource, region);
  }

  /** None: it is served again. */
  refuse(resource: string, ...refused: readonly Omit<RefusedMetric, 'resource'>[]): void {
    this.#refusals.set(
      resource,
      refused.map((one) => ({ resource, ...one })),
    );
  }

  /** Nothing answers before `until`. */
  outage(until: Instant): void {
    this.#outageUntil = until;
  }

  /** The next calls fail so, one each: with what it tells to wait, where it does. */
  fail(...retryAfterMs: readonly (Millis | undefined)[]): void {
    this.#failures.push(...retryAfterMs);
  }

  /** Those that were answered. */
  get reads(): readonly MetricRead[] {
    return this.#reads;
  }

  regionsOf(resources: readonly string[]): Promise<ReadonlyMap<string, string>> {
    const failure = this.#failureNow();
    if (failure !== undefined) return Promise.reject(failure);
    const found = new Map<string, string>();
    for (const resource of resources) {
      const { region = 'westeurope' } = this.#options;
      const here = this.#regions.has(resource) ? this.#regions.get(resource) : region;
      if (here !== undefined) found.set(resource, here);
    }
    return Promise.resolve(found);
  }

  read(batch: MetricRead): Promise<MetricAnswer> {
    assert(batch.resources.length <= readResourcesMax, 'more resources than a call can name');
    assert(batch.metrics.length <= readMetricsMax, 'more metrics than a call can name');
    const failure = this.#failureNow();
    if (failure !== undefined) return Promise.reject(failure);
    this.#reads.push(batch);
    const refused = batch.resources.flatMap((resource) => this.#refusalsOf(resource, batch));
    const samples = batch.resources.flatMap((resource) => this.#samplesOf(resource, batch));
    return Promise.resolve({ samples, refused, calls: 1 });
  }

  #refusalsOf(resource: string, { metrics }: MetricRead): readonly RefusedMetric[] {
    const asked = new Set(metrics.map((name) => name.toLowerCase()));
    const refusals = this.#refusals.get(resource) ?? [];
    return refusals.filter(({ metric }) => metric === undefined || asked.has(metric.toLowerCase()));
  }

  #samplesOf(resource: string, batch: MetricRead): readonly Sample[] {
    const refused = this.#refusalsOf(resource, batch);
    if (refused.some(({ metric }) => metric === undefined)) return [];
    const now = this.#options.clock.now();
    const asked = new Set(batch.metrics.map((name) => name.toLowerCase()));
    for (const { metric } of refused) asked.delete((metric ?? '').toLowerCase());
    const newest = new Map<string, Sample>();
    for (const { sample, at } of this.#shown.get(resource) ?? []) {
      const { time, series } = sample;
      const grain = grainOf(time, batch.grainMs);
      if (at > now || grain < batch.from || grain >= batch.to) continue;
      if (asked.has(series.metric)) newest.set(textOf(sample), sample);
    }
    return combined([...newest.values()], batch);
  }

  #failureNow(): DependencyUnavailable | undefined {
    const isAway = this.#options.clock.now() < this.#outageUntil;
    if (!isAway && this.#failures.length === 0) return undefined;
    const retryAfterMs = isAway ? undefined : this.#failures.shift();
    const options = retryAfterMs === undefined ? {} : { retryAfterMs };
    return new DependencyUnavailable('azure-monitor', 'planned to be away', options);
  }
}

interface ShownSample {
  readonly sample: Sample;
  readonly at: Instant;
}

function textOf({ series, time }: Sample): string {
  return [series.metric, time, ...series.dimensions.flat()].join('\n');
}

function grainOf(time: Instant, grainMs: Millis): Instant {
  return instant(Math.floor(time / grainMs) * grainMs);
}

/** Of the batch's grain, split by its dimensions and no others. */
function combined(samples: readonly Sample[], { grainMs, split }: MetricRead): readonly Sample[] {
  const names = new Map(split.map((name) => [name.toLowerCase(), name]));
  const sums = new Map<string, Sample>();
  for (const sample of samples) {
    const { series } = sample;
    const dimensions = series.dimensions.flatMap(([name, value]) => {
      const asked = names.get(name.toLowerCase());
      return asked === undefined ? [] : [[asked, value] as const];
    });
    const time = grainOf(sample.time, grainMs);
    const one = { ...sample, series: { ...series, dimensions }, time, grainMs };
    const key = textOf(one);
    const sum = sums.get(key);
    sums.set(key, sum === undefined ? one : sumOf(sum, one));
  }
  return [...sums.values()].toSorted((a, b) => a.time - b.time);
}

function sumOf(a: Sample, b: Sample): Sample {
  return {
    ...a,
    count: a.count + b.count,
    total: a.total + b.total,
    minimum: Math.min(a.minimum, b.minimum),
    maximum: Math.max(a.maximum, b.maximum),
  };
}
