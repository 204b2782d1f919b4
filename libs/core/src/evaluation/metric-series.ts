import type { Instant, Millis } from '../lang/instant.ts';
import { CellPages } from '../metric/cell-pages.ts';
import { dimensionsText, maxDataAgeMs, sameDimensions, sampleEnd } from '../metric/sample.ts';
import type { Dimensions, IngestPath, Sample, SeriesKey } from '../metric/sample.ts';
import { SampleRing } from '../metric/sample-ring.ts';
import type { SeriesSnapshot } from './series-snapshot.ts';

/** Most series of one metric of one resource: an id in a dimension must not fill the memory. */
export const seriesPerMetricMax = 2_000;

/** Up to so many are found by looking at each. */
const looked = 8;

/** One series at one grain. */
export interface Series {
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
  /** How old a frontier may be beyond what is usual and still be read. */
  lastGoodMs: Millis = 0;
  /** Counts what came: while it stays, a window that ends at one frontier has one value. */
  changes = 0;
  readonly #pages: CellPages;
  #series: readonly Series[] = none;
  #byText: Map<string, Series> | undefined;

  /** `pages`: the metrics of one partition share them. */
  constructor(resource: string, metric: string, pages: CellPages = new CellPages()) {
    this.resource = resource;
    this.metric = metric;
    this.#pages = pages;
  }

  /** Another array as soon as there is another series. */
  get series(): readonly Series[] {
    return this.#series;
  }

  /** False where there are too many series for one more: the sample is not kept. */
  put(sample: Sample, path: IngestPath, now: Instant): boolean {
    const series = this.#seriesOf(sample.series, sample.grainMs, path, now);
    if (series === undefined) return false;
    series.path = path;
    this.changes++;
    const { ring } = series;
    const end = sampleEnd(sample);
    const known = ring.newestEnd(now);
    const newest = end <= now && (known === undefined || end > known) ? end : known;
    // Every window that reads this ring ends at `newest` or later; what lies before it is not asked for again.
    const from = (newest ?? -Infinity) - this.retentionMs;
    ring.forget(from as Instant);
    if (end > from) ring.put(sample, Math.ceil(this.retentionMs / sample.grainMs));
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

  restore({ key, grainMs, path, ...columns }: SeriesSnapshot): void {
    this.#add(key.dimensions, path, SampleRing.of(grainMs, columns, this.#pages));
  }

  /** Forgets everything and gives its memory back. */
  release(): void {
    for (const { ring } of this.#series) ring.release();
    this.#series = none;
    this.#byText = undefined;
  }

  #seriesOf(key: SeriesKey, grainMs: Millis, path: IngestPath, now: Instant): Series | undefined {
    const known = this.#find(key.dimensions, grainMs);
    if (known !== undefined) return known;
    this.#forgetEnded(now);
    if (this.#series.length >= seriesPerMetricMax) return undefined;
    return this.#add(key.dimensions, path, new SampleRing(grainMs, this.#pages));
  }

  #find(dimensions: Dimensions, grainMs: Millis): Series | undefined {
    if (this.#series.length > looked) {
      this.#byText ??= new Map(this.#series.map((series) => [textOf(series), series]));
      return this.#byText.get(orderText(dimensions, grainMs));
    }
    for (const series of this.#series) {
      const same = sameDimensions(series.dimensions, dimensions);
      if (same && series.ring.grainMs === grainMs) return series;
    }
    return undefined;
  }

  /**
   * Instances come and go, and each has a name of its own: the series of those that are gone would fill the limit. No
   * window reaches back beyond the oldest frontier that is read, less the longest window.
   */
  #forgetEnded(now: Instant): void {
    const oldestFrontierMs = Math.max(
      maxDataAgeMs('export'),
      2 * this.retentionMs,
      this.lastGoodMs,
    );
    const reachedFrom = now - oldestFrontierMs - this.retentionMs;
    const hasEnded = ({ ring }: Series) => (ring.lastEnd ?? -Infinity) <= reachedFrom;
    if (!this.#series.some(hasEnded)) return;
    for (const series of this.#series) if (hasEnded(series)) series.ring.release();
    this.#series = this.#series.filter((series) => series.ring.length > 0);
    this.#byText = undefined;
  }

  #add(dimensions: Dimensions, path: IngestPath, ring: SampleRing): Series {
    const series: Series = { dimensions: dimensions.length === 0 ? none : dimensions, ring, path };
    const text = textOf(series);
    this.changes++;
    this.#series = this.#series.toSpliced(placeOf(this.#series, text), 0, series);
    this.#byText?.set(text, series);
    return series;
  }
}

const none: readonly never[] = [];

function textOf({ dimensions, ring }: Series): string {
  return orderText(dimensions, ring.grainMs);
}

function orderText(dimensions: Dimensions, grainMs: Millis): string {
  return `${dimensionsText(dimensions)}\n${grainMs}`;
}

/** The place of the first series whose text comes after `text`. */
function placeOf(series: readonly Series[], text: string): number {
  let low = 0;
  let high = series.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const other = series[middle];
    if (other !== undefined && textOf(other) < text) low = middle + 1;
    else high = middle;
  }
  return low;
}
