import type { Instant } from '../lang/instant.ts';
import { MetricSeries } from '../evaluation/metric-series.ts';
import type { SeriesSnapshot } from '../evaluation/series-snapshot.ts';
import { CellPages } from '../metric/cell-pages.ts';
import type { IngestPath, Sample, SeriesKey } from '../metric/sample.ts';
import type { AskedMetric } from '../setting/metric-keys.ts';
import { WatchedSeries } from './watched-series.ts';

/**
 * The rings of one partition, and who reads them. Rings belong to series: editing a rule does not blind a target.
 * Found by resource: the few metrics of one resource that anybody asks for are linked.
 */
export class SeriesIndex<Reader> {
  readonly #resources = new Map<string, WatchedSeries<Reader>>();
  readonly #pages = new CellPages();
  /** Of the last sample: a frame's samples of one series share their key. */
  #recentKey: SeriesKey | undefined;
  #recent: WatchedSeries<Reader> | undefined;

  get(resource: string, metric: string): MetricSeries | undefined {
    return this.#find(resource, metric)?.series;
  }

  /** Answers the series, which stay the same ones as long as anybody asks. */
  ask(asked: AskedMetric, reader: Reader): MetricSeries {
    const { resource, metric } = asked;
    const watched = this.#find(resource, metric) ?? this.#add(resource, metric);
    watched.ask(reader, asked);
    return watched.series;
  }

  /** The last one who asked takes the rings with it. */
  drop({ resource, metric }: Pick<AskedMetric, 'resource' | 'metric'>, reader: Reader): void {
    const watched = this.#find(resource, metric);
    watched?.drop(reader);
    if (watched?.isAsked === false) this.#remove(resource, watched);
  }

  /** Keeps the sample; answers the readers whose data it changed, or that there is no room for it. */
  put(sample: Sample, path: IngestPath, now: Instant): Iterable<Reader> | 'refused' {
    const watched = this.#findAgain(sample.series);
    if (watched === undefined) return [];
    return watched.series.put(sample, path, now) ? watched.readers : 'refused';
  }

  /** In the order of their keys: one state is one snapshot, whoever asked first. */
  snapshots(): readonly SeriesSnapshot[] {
    const metrics = [...this.#resources.values()].flatMap(linked);
    metrics.sort((a, b) => byKey(a.series, b.series));
    return metrics.flatMap(({ series }) => series.snapshots());
  }

  restore(snapshot: SeriesSnapshot): void {
    this.#find(snapshot.key.resource, snapshot.key.metric)?.series.restore(snapshot);
  }

  #find(resource: string, metric: string): WatchedSeries<Reader> | undefined {
    let watched = this.#resources.get(resource);
    while (watched !== undefined && watched.series.metric !== metric) watched = watched.next;
    return watched;
  }

  #findAgain(key: SeriesKey): WatchedSeries<Reader> | undefined {
    if (this.#recentKey === key) return this.#recent;
    this.#recentKey = key;
    this.#recent = this.#find(key.resource, key.metric);
    return this.#recent;
  }

  #add(resource: string, metric: string): WatchedSeries<Reader> {
    const added = new WatchedSeries<Reader>(new MetricSeries(resource, metric, this.#pages));
    added.next = this.#resources.get(resource);
    this.#recentKey = undefined;
    this.#resources.set(resource, added);
    return added;
  }

  #remove(resource: string, removed: WatchedSeries<Reader>): void {
    removed.series.release();
    this.#recentKey = undefined;
    this.#recent = undefined;
    const first = this.#resources.get(resource);
    const others = first === undefined ? [] : linked(first).filter((other) => other !== removed);
    others.forEach((other, i) => (other.next = others[i + 1]));
    if (others[0] === undefined) this.#resources.delete(resource);
    else this.#resources.set(resource, others[0]);
  }
}

function linked<Reader>(first: WatchedSeries<Reader>): WatchedSeries<Reader>[] {
  const all: WatchedSeries<Reader>[] = [];
  for (let one: WatchedSeries<Reader> | undefined = first; one !== undefined; one = one.next) {
    all.push(one);
  }
  return all;
}

function byKey(a: MetricSeries, b: MetricSeries): number {
  if (a.resource !== b.resource) return a.resource < b.resource ? -1 : 1;
  return a.metric < b.metric ? -1 : 1;
}
