import { after, metricKey, sampleEnd } from '@headroom/core';
import type { Instant, Millis, Sample } from '@headroom/core';
import type { LoadModel } from './load-model.ts';

/** Samples in the order in which they come: `ageMs` after the end of their grain. */
export class Deliveries {
  readonly #ageMs: Millis;
  readonly #samples: readonly Delivery[];
  #place = 0;

  /** Of metrics that nobody asks for there is no model, and they do not come. */
  constructor(
    samples: ReadonlyMap<string, readonly Sample[]>,
    models: ReadonlyMap<string, LoadModel>,
    ageMs: Millis,
  ) {
    this.#ageMs = ageMs;
    const all: Delivery[] = [];
    for (const [key, model] of models) {
      for (const sample of samples.get(key) ?? []) all.push({ sample, model });
    }
    this.#samples = all.sort((a, b) => sampleEnd(a.sample) - sampleEnd(b.sample));
  }

  /** When the next comes; `Infinity` after the last. */
  get nextAt(): number {
    const next = this.#samples[this.#place];
    return next === undefined ? Infinity : after(sampleEnd(next.sample), this.#ageMs);
  }

  /** Those that come at `nextAt`. */
  take(): readonly Delivery[] {
    const from = this.#place;
    const at = this.nextAt;
    while (this.nextAt === at && at < Infinity) this.#place++;
    return this.#samples.slice(from, this.#place);
  }
}

export interface Delivery {
  readonly sample: Sample;
  readonly model: LoadModel;
}

/** By `metricKey`, of grains that lie within [from, to). */
export function samplesByMetric(
  samples: readonly Sample[],
  from: Instant,
  to: Instant,
): ReadonlyMap<string, readonly Sample[]> {
  const byKey = new Map<string, Sample[]>();
  let [resource, metric, last]: [string, string, Sample[]] = ['', '', []];
  for (const sample of samples) {
    if (sample.time < from || sampleEnd(sample) > to) continue;
    const { series } = sample;
    // Neighbours are mostly of one series.
    if (series.resource !== resource || series.metric !== metric) {
      ({ resource, metric } = series);
      const key = metricKey(resource, metric);
      last = byKey.get(key) ?? [];
      byKey.set(key, last);
    }
    last.push(sample);
  }
  return byKey;
}
