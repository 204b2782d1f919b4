import type { Millis } from '@headroom/core';
import type { MetricRead } from '@headroom/ports';

/** What one call asks Azure Monitor for. */
export interface MetricQuery extends Omit<MetricRead, 'region'> {
  /** Most series of a resource in the answer, of all its metrics together; of a query that splits. */
  readonly top: number;
  readonly aggregations: readonly string[];
}

/** A metric of a resource, as either API answers it. */
export interface AnsweredMetric {
  /** Lower case. */
  readonly resource: string;
  readonly metric: string;
  /** What Azure says where it has no values of this metric for another reason than that there are none. */
  readonly error?: string;
  readonly series: readonly AnsweredSeries[];
}

export interface AnsweredSeries {
  readonly dimensions: readonly (readonly [name: string, value: string])[];
  readonly points: readonly AnsweredPoint[];
}

/** A grain without values has its time alone. */
export interface AnsweredPoint {
  readonly timeStamp: Date;
  readonly average?: number | null;
  readonly minimum?: number | null;
  readonly maximum?: number | null;
  readonly total?: number | null;
  readonly count?: number | null;
}

export const allAggregations = ['Average', 'Minimum', 'Maximum', 'Total', 'Count'] as const;

const hourMs = 3_600_000;

/** `PT1M`, `PT1H`, `P1D`: Azure does not read `PT24H`. */
export function intervalOf(grainMs: Millis): string {
  const days = grainMs / (24 * hourMs);
  if (Number.isInteger(days)) return `P${days}D`;
  const hours = grainMs / hourMs;
  return Number.isInteger(hours) ? `PT${hours}H` : `PT${grainMs / 60_000}M`;
}

/** Every value of each dimension is a series of its own. */
export function filterOf(split: readonly string[]): string | undefined {
  return split.length === 0 ? undefined : split.map((name) => `${name} eq '*'`).join(' and ');
}
