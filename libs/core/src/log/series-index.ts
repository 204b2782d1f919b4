import type { Instant, Millis } from '../lang/instant.ts';
import type { TargetId } from '../lang/target.ts';
import { MetricSeries } from '../evaluation/metric-series.ts';
import type { SeriesSnapshot } from '../evaluation/series-snapshot.ts';
import type { IngestPath, Sample } from '../metric/sample.ts';
import { metricKey } from '../setting/metric-keys.ts';
import type { AskedMetric } from '../setting/metric-keys.ts';

interface Entry {
  readonly series: MetricSeries;
  /** Who asks, and how far back each looks. */
  readonly windows: Map<TargetId, Millis>;
}

/** The rings of one partition, and which targets read them. Rings belong to series: editing a rule does not blind it. */
export class SeriesIndex {
  readonly #entries = new Map<string, Entry>();

  get(key: string): MetricSeries | undefined {
    return this.#entries.get(key)?.series;
  }

  ask(key: string, { resource, metric, windowMs }: AskedMetric, target: TargetId): void {
    let entry = this.#entries.get(key);
    if (entry === undefined) {
      entry = { series: new MetricSeries(resource, metric), windows: new Map() };
      this.#entries.set(key, entry);
    }
    entry.windows.set(target, windowMs);
    entry.series.retentionMs = Math.max(...entry.windows.values());
  }

  /** The last one who asked takes the rings with it. */
  drop(key: string, target: TargetId): void {
    const entry = this.#entries.get(key);
    if (entry === undefined) return;
    entry.windows.delete(target);
    if (entry.windows.size === 0) this.#entries.delete(key);
    else entry.series.retentionMs = Math.max(...entry.windows.values());
  }

  /** Keeps the sample; answers the targets whose data it changed, or that there is no room for it. */
  put(sample: Sample, path: IngestPath, now: Instant): Iterable<TargetId> | 'refused' {
    const entry = this.#entries.get(metricKey(sample.series.resource, sample.series.metric));
    if (entry === undefined) return [];
    return entry.series.put(sample, path, now) ? entry.windows.keys() : 'refused';
  }

  /** In the order of their keys: one state is one snapshot, whoever asked first. */
  snapshots(): readonly SeriesSnapshot[] {
    const keys = [...this.#entries.keys()].sort();
    return keys.flatMap((key) => this.get(key)?.snapshots() ?? []);
  }

  restore(snapshot: SeriesSnapshot): void {
    this.get(metricKey(snapshot.key.resource, snapshot.key.metric))?.restore(snapshot);
  }
}
