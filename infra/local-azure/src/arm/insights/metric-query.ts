import type { JsonObject } from '../../json.ts';
import { badRequest } from '../errors.ts';
import type { Aggregation, MetricDefinition } from './definitions.ts';
import type { DimensionClause } from './dimension-filter.ts';
import { holds, valueOf } from './dimension-filter.ts';
import type { MetricPoint, MetricSeries, MetricStore } from './metric-store.ts';
import { MINUTE_MS } from './metric-store.ts';
import type { TimeRange } from './time.ts';
import { FULL, TIME_GRAINS } from './time.ts';

export interface MetricQuery {
  readonly range: TimeRange;
  /** Minutes from here on have not arrived yet. */
  readonly arrivedMs: number;
  readonly grain: string;
  readonly aggregations: readonly Aggregation[];
  readonly clauses: readonly DimensionClause[];
  readonly top: number;
  readonly order: MetricOrder | undefined;
  readonly metadataOnly: boolean;
}

export interface MetricOrder {
  readonly aggregation: Aggregation;
  readonly descending: boolean;
}

/** Points of one answer: more would hold up everything else for seconds. */
const MAX_POINTS = 100_000;

/** A sum that grows in place: an answer has many of them. */
interface Bucket {
  readonly minuteMs: number;
  count: number;
  total: number;
  minimum: number;
  maximum: number;
  /** No minute of it has a sample. */
  isGap: boolean;
}

interface TimeSeries {
  readonly values: readonly (readonly [dimension: string, value: string])[];
  readonly buckets: readonly Bucket[];
}

/** Counts down over the metrics and resources of one answer. */
export class PointBudget {
  private left = MAX_POINTS;

  take(points: number): void {
    this.check(points);
    this.left -= points;
  }

  check(points: number): void {
    if (points <= this.left) return;
    const message = `The answer would have more than ${MAX_POINTS} points: ask for a shorter timespan, a longer interval, fewer resources or metrics.`;
    throw badRequest(message);
  }
}

/** One metric of a resource, as the answer holds it. */
export function metricBody(
  store: MetricStore,
  resourceId: string,
  definition: MetricDefinition,
  query: MetricQuery,
  budget: PointBudget,
): JsonObject & { readonly timeseries: readonly JsonObject[] } {
  const found = store.series(resourceId, definition.namespace, definition.name);
  const groups = groupsOf(found, query.clauses);
  const series = groups.map(({ values, members }) => {
    return { values, buckets: bucketsOf(store, members, query, budget) };
  });
  const { name } = definition;
  return {
    id: `${resourceId}/providers/Microsoft.Insights/metrics/${name}`,
    type: 'Microsoft.Insights/metrics',
    name: { value: name, localizedValue: name },
    displayDescription: name,
    unit: definition.unit,
    timeseries: picked(series, query).map((each) => seriesBody(each, query)),
    errorCode: 'Success',
  };
}

/** Series by the values of the dimensions that the filter names; all the others are aggregated over. */
function groupsOf(
  found: readonly MetricSeries[],
  clauses: readonly DimensionClause[],
): readonly { values: TimeSeries['values']; members: readonly MetricSeries[] }[] {
  const groups = new Map<string, { values: TimeSeries['values']; members: MetricSeries[] }>();
  for (const series of found.filter(({ dimensions }) => holds(clauses, dimensions))) {
    const values = clauses.map(({ dimension }) => {
      return [dimension, valueOf(series.dimensions, dimension) ?? ''] as const;
    });
    const key = JSON.stringify(values).toLowerCase();
    const group = groups.get(key) ?? { values, members: [] };
    group.members.push(series);
    groups.set(key, group);
  }
  return [...groups.values()];
}

function bucketsOf(
  store: MetricStore,
  members: readonly MetricSeries[],
  query: MetricQuery,
  budget: PointBudget,
): readonly Bucket[] {
  const { fromMs, widthMs } = gridOf(query);
  const number = pointsOf(query);
  budget.take(number);
  const toMs = Math.min(query.range.toMs, query.arrivedMs);
  const buckets = Array.from({ length: number }, (_, index) => gapAt(fromMs + index * widthMs));
  for (const { id } of members) {
    for (const point of store.points(id, fromMs, toMs)) {
      const bucket = buckets[Math.floor((point.minuteMs - fromMs) / widthMs)];
      if (bucket !== undefined) add(bucket, point);
    }
  }
  return buckets;
}

/** Points of one series. */
export function pointsOf(query: MetricQuery): number {
  const { fromMs, widthMs } = gridOf(query);
  return Math.ceil((query.range.toMs - fromMs) / widthMs);
}

/** Intervals begin where the timespan does, at its full minute. */
function gridOf({ range, grain }: MetricQuery): { fromMs: number; widthMs: number } {
  const fromMs = Math.floor(range.fromMs / MINUTE_MS) * MINUTE_MS;
  const widthMs = grain === FULL ? range.toMs - fromMs : (TIME_GRAINS.get(grain) ?? MINUTE_MS);
  return { fromMs, widthMs };
}

const gapAt = (minuteMs: number): Bucket => ({
  minuteMs,
  count: 0,
  total: 0,
  minimum: Infinity,
  maximum: -Infinity,
  isGap: true,
});

function add(bucket: Bucket, point: MetricPoint): void {
  bucket.count += point.count;
  bucket.total += point.total;
  bucket.minimum = Math.min(bucket.minimum, point.minimum);
  bucket.maximum = Math.max(bucket.maximum, point.maximum);
  bucket.isGap = false;
}

/** A split answer holds the first `top` of its series; an unsplit one is a single series. */
function picked(series: readonly TimeSeries[], query: MetricQuery): readonly TimeSeries[] {
  const { order, clauses, top } = query;
  if (clauses.length === 0) return series;
  if (order === undefined) return series.slice(0, top);
  const rank = ({ buckets }: TimeSeries): number => {
    const whole = gapAt(0);
    for (const bucket of buckets) if (!bucket.isGap) add(whole, bucket);
    return whole.isGap ? -Infinity : numberOf(whole, order.aggregation);
  };
  const sign = order.descending ? -1 : 1;
  return series.toSorted((a, b) => sign * (rank(a) - rank(b))).slice(0, top);
}

function seriesBody({ values, buckets }: TimeSeries, query: MetricQuery): JsonObject {
  const metadatavalues = values.map(([dimension, value]) => ({
    name: { value: dimension, localizedValue: dimension },
    value,
  }));
  if (query.metadataOnly) return { metadatavalues };
  return { metadatavalues, data: buckets.map((bucket) => pointBody(bucket, query.aggregations)) };
}

/** A gap is its time alone, as Azure answers it. */
function pointBody(bucket: Bucket, aggregations: readonly Aggregation[]): JsonObject {
  const timeStamp = new Date(bucket.minuteMs).toISOString();
  if (bucket.isGap) return { timeStamp };
  const body: Record<string, string | number> = { timeStamp };
  for (const name of aggregations) body[name.toLowerCase()] = numberOf(bucket, name);
  return body;
}

function numberOf(bucket: MetricPoint, aggregation: Aggregation): number {
  switch (aggregation) {
    case 'Average':
      return bucket.count === 0 ? 0 : bucket.total / bucket.count;
    case 'Minimum':
      return bucket.minimum;
    case 'Maximum':
      return bucket.maximum;
    case 'Total':
      return bucket.total;
    case 'Count':
      return bucket.count;
  }
}
