import type { Instant, Millis } from '../lang/instant.ts';
import { maxDataAgeMs, sampleEnd, seriesText } from '../metric/sample.ts';
import type { Dimensions, IngestPath, Sample, SeriesKey } from '../metric/sample.ts';
import { SampleRing } from '../metric/sample-ring.ts';
import type { SeriesSnapshot } from './series-snapshot.ts';

/** Most series of one metric of one resource: an id in a dimension must not fill the memory. */
export const seriesPerMetricMax = 2_000;

/** One series at one grain. */
export interface Series {
  readonly order: string;
  readonly dimensions: Dimensions;
  readonly ring: SampleRing;
  path: IngestPath;
}

/**
 * All series of one metric of one resource. They are kept in the order of their text, so that every aggregate over them
 * adds in one order whatever came first: a fold and its replay agree bit for bit.
 */
export class MetricSeries {
  readonly resource: string;
  readonly metric: string;
  /** How far back any rule looks. */
  retentionMs: Millis = 0;
  #series: Series[] = [];
  readonly #byOrder = new Map<string, Series>();

  constructor(resource: string, metric: string) {
    this.resource = resource;
    this.metric = metric;
  }

  get series(): readonly Series[] {
    return this.#series;
  }

  /** False where there are too many series for one more: the sample is not kept. */
  put(sample: Sample, path: IngestPath, now: Instant): boolean {
    const series = this.#seriesOf(sample.series, sample.grainMs, path, now);
    if (series === undefined) return false;
    series.path = path;
    series.ring.put(sample);
    const newest = Math.min(sampleEnd(sample), now);
    series.ring.forget((newest - this.retentionMs - sample.grainMs) as Instant);
    return true;
  }

  snapshots(): readonly SeriesSnapshot[] {
    return this.#series.map(({ dimensions, ring, path }) => ({
      key: { resource: this.resource, metric: this.metric, dimensions },
      grainMs: ring.grainMs,
      path,
      ...ring.columns(),
    }));
  }

  restore(snapshot: SeriesSnapshot): void {
    const ring = SampleRing.of(snapshot.grainMs, snapshot);
    this.#add(snapshot.key, snapshot.path, ring);
  }

  #seriesOf(key: SeriesKey, grainMs: Millis, path: IngestPath, now: Instant): Series | undefined {
    const known = this.#byOrder.get(orderOf(key, grainMs));
    if (known !== undefined) return known;
    this.#forgetEnded(now);
    if (this.#series.length >= seriesPerMetricMax) return undefined;
    return this.#add(key, path, new SampleRing(grainMs));
  }

  /**
   * Instances come and go, and each has a name of its own: the series of those that are gone would fill the limit. No
   * window reaches back beyond the oldest frontier that is not missing, less the longest window.
   */
  #forgetEnded(now: Instant): void {
    const oldestFrontierMs = Math.max(maxDataAgeMs('export'), 2 * this.retentionMs);
    const reachedFrom = now - oldestFrontierMs - this.retentionMs;
    const ended = this.#series.filter(({ ring }) => (ring.lastEnd ?? -Infinity) <= reachedFrom);
    if (ended.length === 0) return;
    for (const { order } of ended) this.#byOrder.delete(order);
    this.#series = this.#series.filter(({ order }) => this.#byOrder.has(order));
  }

  #add(key: SeriesKey, path: IngestPath, ring: SampleRing): Series {
    const order = orderOf(key, ring.grainMs);
    const series: Series = { order, dimensions: key.dimensions, ring, path };
    const place = this.#series.findIndex((other) => other.order > order);
    this.#series.splice(place === -1 ? this.#series.length : place, 0, series);
    this.#byOrder.set(order, series);
    return series;
  }
}

function orderOf(key: SeriesKey, grainMs: Millis): string {
  return `${seriesText(key)}\n${grainMs}`;
}
