import type { Sqlite } from '../../sqlite.ts';

/** What one minute of a series holds. */
export interface MetricPoint {
  readonly minuteMs: number;
  readonly count: number;
  readonly total: number;
  readonly minimum: number;
  readonly maximum: number;
}

export type Dimensions = Readonly<Record<string, string>>;

export interface MetricSeries {
  readonly id: number;
  readonly resourceId: string;
  readonly namespace: string;
  readonly metric: string;
  readonly dimensions: Dimensions;
}

export interface MetricSample extends Omit<MetricPoint, 'minuteMs'> {
  readonly resourceId: string;
  readonly namespace: string;
  readonly metric: string;
  readonly dimensions: Dimensions;
  /** Any instant in the minute. */
  readonly timeMs: number;
}

export const MINUTE_MS = 60_000;
/** Azure keeps platform metrics so long. */
export const METRIC_RETENTION_MS = 93 * 24 * 60 * MINUTE_MS;
const MAX_KNOWN_SERIES = 20_000;
/** How often the past is looked through for what is too old. */
const COMPACTION_EVERY_MS = 60 * MINUTE_MS;

const schema = `
CREATE TABLE IF NOT EXISTS metric_series (
  id INTEGER PRIMARY KEY, resource TEXT NOT NULL, namespace TEXT NOT NULL, metric TEXT NOT NULL,
  dimensions TEXT NOT NULL, resource_id TEXT NOT NULL, namespace_name TEXT NOT NULL, metric_name TEXT NOT NULL,
  UNIQUE (resource, namespace, metric, dimensions));
CREATE TABLE IF NOT EXISTS metric_points (
  series INTEGER NOT NULL, minute INTEGER NOT NULL, count REAL NOT NULL, total REAL NOT NULL,
  minimum REAL NOT NULL, maximum REAL NOT NULL, PRIMARY KEY (series, minute)) WITHOUT ROWID;`;

interface SeriesRow {
  id: number;
  resource_id: string;
  namespace_name: string;
  metric_name: string;
  dimensions: string;
}

/** Samples of metrics, gathered by the minute: all of Azure's aggregations follow from a minute's four numbers. */
export class MetricStore {
  private readonly sqlite: Sqlite;
  private readonly clock: () => number;
  private compactedMs = 0;
  /** Ids of series that samples were put for. */
  private readonly ids = new Map<string, number>();

  constructor(sqlite: Sqlite, clock: () => number) {
    this.sqlite = sqlite;
    this.clock = clock;
    sqlite.exec(schema);
  }

  /** Adds the samples to their minutes, all or none. Samples that are too old are dropped. */
  put(samples: readonly MetricSample[]): void {
    const oldest = this.clock() - METRIC_RETENTION_MS;
    const sql = `INSERT INTO metric_points (series, minute, count, total, minimum, maximum)
      VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (series, minute) DO UPDATE SET
      count = count + excluded.count, total = total + excluded.total,
      minimum = MIN(minimum, excluded.minimum), maximum = MAX(maximum, excluded.maximum)`;
    try {
      this.sqlite.transact(() => {
        this.compact();
        let last: MetricSample | undefined;
        let id = 0;
        for (const sample of samples) {
          if (sample.timeMs < oldest) continue;
          // A history comes series by series.
          if (last === undefined || !isSameSeries(last, sample)) id = this.seriesId(sample);
          last = sample;
          const { count, total, minimum, maximum } = sample;
          const minute = Math.floor(sample.timeMs / MINUTE_MS);
          this.sqlite.run(sql, id, minute, count, total, minimum, maximum);
        }
      });
    } catch (error) {
      // Series of what was undone have no rows.
      this.ids.clear();
      throw error;
    }
  }

  /** Series of a resource, whatever the case of the names. */
  series(resourceId: string, namespace?: string, metric?: string): readonly MetricSeries[] {
    const sql = `SELECT * FROM metric_series WHERE resource = ? AND (? = '' OR namespace = ?)
      AND (? = '' OR metric = ?) ORDER BY metric, dimensions`;
    const [space, name] = [namespace?.toLowerCase() ?? '', metric?.toLowerCase() ?? ''];
    const rows = this.sqlite.all<SeriesRow>(sql, keyOf(resourceId), space, space, name, name);
    return rows.map(toSeries);
  }

  /** Minutes of a series in [from, to), in order. */
  points(seriesId: number, fromMs: number, toMs: number): readonly MetricPoint[] {
    const sql = `SELECT minute * ${MINUTE_MS} AS minuteMs, count, total, minimum, maximum
      FROM metric_points WHERE series = ? AND minute >= ? AND minute < ? ORDER BY minute`;
    const [from, to] = [Math.ceil(fromMs / MINUTE_MS), Math.ceil(toMs / MINUTE_MS)];
    return this.sqlite.all<MetricPoint>(sql, seriesId, from, to);
  }

  private seriesId(sample: MetricSample): number {
    const { resourceId, namespace, metric, dimensions } = sample;
    // As it is spelt: several spellings of one series are several names of one id.
    const name = `${resourceId}\n${namespace}\n${metric}\n${JSON.stringify(dimensions)}`;
    const known = this.ids.get(name);
    if (known !== undefined) return known;
    const id = this.findOrAdd(sample);
    if (this.ids.size >= MAX_KNOWN_SERIES) this.ids.clear();
    this.ids.set(name, id);
    return id;
  }

  private findOrAdd({ resourceId, namespace, metric, dimensions }: MetricSample): number {
    const key = [keyOf(resourceId), namespace.toLowerCase(), metric.toLowerCase()];
    const sorted = Object.entries(dimensions).toSorted(([a], [b]) => (a < b ? -1 : 1));
    const text = JSON.stringify(Object.fromEntries(sorted));
    const find = `SELECT id FROM metric_series
      WHERE resource = ? AND namespace = ? AND metric = ? AND dimensions = ?`;
    const known = this.sqlite.all<{ id: number }>(find, ...key, text)[0];
    if (known !== undefined) return known.id;
    const sql = `INSERT INTO metric_series (resource, namespace, metric, dimensions, resource_id,
      namespace_name, metric_name) VALUES (?, ?, ?, ?, ?, ?, ?) RETURNING id`;
    const names = [resourceId, namespace, metric];
    return this.sqlite.all<{ id: number }>(sql, ...key, text, ...names)[0]?.id ?? 0;
  }

  /** Minutes before the retention, and series without any minute, are forgotten. */
  private compact(): void {
    const now = this.clock();
    if (now - this.compactedMs < COMPACTION_EVERY_MS) return;
    this.compactedMs = now;
    const oldest = Math.floor((now - METRIC_RETENTION_MS) / MINUTE_MS);
    const removal = 'DELETE FROM metric_points WHERE series = ? AND minute < ?';
    const ids = this.sqlite.all<{ id: number }>('SELECT id FROM metric_series');
    for (const { id } of ids) this.sqlite.run(removal, id, oldest);
    this.ids.clear();
    this.sqlite.run(`DELETE FROM metric_series WHERE NOT EXISTS
      (SELECT 1 FROM metric_points WHERE series = metric_series.id)`);
  }
}

/** Without looking into them: samples of one series mostly share their texts and dimensions. */
function isSameSeries(one: MetricSample, other: MetricSample): boolean {
  return (
    one.resourceId === other.resourceId &&
    one.dimensions === other.dimensions &&
    one.metric === other.metric &&
    one.namespace === other.namespace
  );
}

/** One leading slash, lower case. */
const keyOf = (resourceId: string): string => `/${resourceId.toLowerCase().replace(/^\/+/, '')}`;

const toSeries = (row: SeriesRow): MetricSeries => ({
  id: row.id,
  resourceId: row.resource_id,
  namespace: row.namespace_name,
  metric: row.metric_name,
  dimensions: JSON.parse(row.dimensions) as Dimensions,
});
