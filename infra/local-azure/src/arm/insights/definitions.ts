import type { JsonObject } from '../../json.ts';
import type { MetricSeries, MetricStore } from './metric-store.ts';
import { PLATFORM_METRICS } from './platform-metrics.ts';
import { TIME_GRAINS } from './time.ts';

export const AGGREGATIONS = ['Average', 'Minimum', 'Maximum', 'Total', 'Count'] as const;
export type Aggregation = (typeof AGGREGATIONS)[number];

export interface MetricDefinition {
  readonly name: string;
  readonly namespace: string;
  readonly unit: string;
  /** The one that is answered when a request names none. */
  readonly primary: Aggregation;
  readonly supported: readonly Aggregation[];
  readonly dimensions: readonly string[];
}

/** `Microsoft.A/b/c` of `/subscriptions/s/…/providers/Microsoft.A/b/x/c/y`. */
export function typeOf(resourceId: string): string {
  const [, rest = ''] = /^.*\/providers\/(.+)$/i.exec(resourceId) ?? [];
  const [namespace = '', ...parts] = rest.split('/');
  return [namespace, ...parts.filter((_, index) => index % 2 === 0)].join('/');
}

/** What is known of a resource's metrics: the platform's, and what samples have brought. */
export function definitionsOf(
  store: MetricStore,
  resourceId: string,
  namespace: string | undefined,
): readonly MetricDefinition[] {
  const type = typeOf(resourceId);
  const wanted = (namespace ?? type).toLowerCase();
  const platform = wanted === type.toLowerCase() ? platformMetrics(type) : [];
  const names = new Set(platform.map(({ name }) => name.toLowerCase()));
  const seen = new Map<string, MetricDefinition>();
  for (const series of store.series(resourceId, wanted)) {
    const key = series.metric.toLowerCase();
    if (!names.has(key)) seen.set(key, merged(seen.get(key), series));
  }
  return [...platform, ...seen.values()];
}

/** Namespaces of a resource's samples, and the platform's of its type. */
export function namespacesOf(store: MetricStore, resourceId: string): readonly string[] {
  const type = typeOf(resourceId);
  const found = new Map(store.series(resourceId).map(({ namespace: n }) => [n.toLowerCase(), n]));
  if (platformMetrics(type).length > 0) found.set(type.toLowerCase(), type);
  return [...found.values()];
}

export function definitionBody(resourceId: string, of: MetricDefinition): JsonObject {
  return {
    id: `${resourceId}/providers/microsoft.insights/metricdefinitions/${of.name}`,
    resourceId,
    namespace: of.namespace,
    name: { value: of.name, localizedValue: of.name },
    isDimensionRequired: false,
    unit: of.unit,
    primaryAggregationType: of.primary,
    supportedAggregationTypes: of.supported,
    metricAvailabilities: [...TIME_GRAINS.keys()].map((timeGrain) => ({
      timeGrain,
      retention: 'P93D',
    })),
    ...(of.dimensions.length === 0
      ? {}
      : { dimensions: of.dimensions.map((value) => ({ value, localizedValue: value })) }),
  };
}

function platformMetrics(type: string): readonly MetricDefinition[] {
  const entry = Object.entries(PLATFORM_METRICS).find(([known]) => {
    return known.toLowerCase() === type.toLowerCase();
  });
  if (entry === undefined) return [];
  const [namespace, metrics] = entry;
  return metrics.map(([name, unit, aggregations, dimensions]) => {
    const supported = aggregations.split(' ') as Aggregation[];
    const [primary = 'Average'] = supported;
    return {
      name,
      namespace,
      unit,
      primary,
      supported,
      dimensions: dimensions.split(' ').filter(Boolean),
    };
  });
}

function merged(known: MetricDefinition | undefined, series: MetricSeries): MetricDefinition {
  const dimensions = new Set([...(known?.dimensions ?? []), ...Object.keys(series.dimensions)]);
  return {
    name: series.metric,
    namespace: series.namespace,
    unit: 'Unspecified',
    primary: 'Average',
    supported: AGGREGATIONS,
    dimensions: [...dimensions],
  };
}
