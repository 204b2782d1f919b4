import { sampleEnd } from '@headroom/core';
import type { Instant, Sample } from '@headroom/core';
import type { CapacityCurve } from './capacity-curve.ts';

/** What each instance had of the load on record, at the end of each grain. Asked in the order of time. */
export class InstanceLoad {
  readonly metric: string;
  readonly #ends: readonly Instant[];
  readonly #loads: readonly number[];
  #place = 0;

  private constructor(metric: string, points: ReadonlyMap<Instant, number>) {
    this.metric = metric;
    const ends = [...points.keys()].sort((a, b) => a - b);
    this.#ends = ends;
    this.#loads = ends.map((end) => points.get(end) ?? NaN);
  }

  /** Of the grain that ends at `end`, or the last one within a grain before; undefined where there is none. */
  at(end: Instant, grainMs: number): number | undefined {
    if ((this.#ends[this.#place] ?? Infinity) > end) this.#place = 0;
    while ((this.#ends[this.#place + 1] ?? Infinity) <= end) this.#place++;
    const found = this.#ends[this.#place];
    return found !== undefined && found <= end && found > end - grainMs
      ? this.#loads[this.#place]
      : undefined;
  }

  /** The average over the instances: of a utilisation as it is, of a total by the instances on record. */
  static of(samples: readonly Sample[], isTotal: boolean, recorded: CapacityCurve): InstanceLoad {
    const sums = new Map<Instant, { total: number; count: number }>();
    for (const sample of samples) {
      const sum = sums.get(sampleEnd(sample)) ?? { total: 0, count: 0 };
      sums.set(sampleEnd(sample), sum);
      sum.total += sample.total;
      sum.count += sample.count;
    }
    const grainMs = samples[0]?.grainMs ?? 0;
    const points = new Map<Instant, number>();
    for (const [end, { total, count }] of sums) {
      const share = isTotal ? recorded.shareOver((end - grainMs) as Instant, end) : 1 / count;
      if (share !== undefined && Number.isFinite(share)) points.set(end, total * share);
    }
    return new InstanceLoad(samples[0]?.series.metric ?? '', points);
  }
}
