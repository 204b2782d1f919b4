import type { Instant, Millis, Sample } from '@headroom/core';

/**
 * The metrics that Azure Monitor keeps of its resources, 93 days back.
 *
 * Promised: an answer holds every series, or names the resource in `refused`; none is cut off silently. Waits that Azure asks for
 * (429, 529, 503) are kept: within a limit here, a longer one is told in the error.
 * Not promised: that the last minutes are there, or will not change.
 */
export interface MetricSource {
  /**
   * The region that serves the metrics of each resource (`westeurope`); one that cannot be had is left out, with the reason told
   * by `read`. Answers are remembered.
   *
   * @throws DependencyUnavailable
   */
  regionsOf(resources: readonly string[]): Promise<ReadonlyMap<string, string>>;
  /**
   * One call to the batch API; where its right is missing, one a resource to Resource Manager, and the batch is not tried again.
   *
   * @throws DependencyUnavailable: nothing answers now, or the waits took too long
   */
  read(batch: MetricRead): Promise<MetricAnswer>;
}

/** What one call of the batch API can name. */
export const readResourcesMax = 50;
export const readMetricsMax = 20;

/** What one call can ask for: resources of one subscription, region and type. */
export interface MetricRead {
  readonly subscription: string;
  /** Empty where it is not known: each resource is then asked for by itself. */
  readonly region: string;
  /** As Azure spells it: mostly the type of the resources. */
  readonly namespace: string;
  /** Lower-case ids; at most `readResourcesMax`. */
  readonly resources: readonly string[];
  /** At most `readMetricsMax`. */
  readonly metrics: readonly string[];
  /** Dimensions whose values become series of their own; over the others Azure aggregates. */
  readonly split: readonly string[];
  readonly grainMs: Millis;
  /** Grains that begin in [from, to). */
  readonly from: Instant;
  readonly to: Instant;
}

export interface MetricAnswer {
  /** Rising in time for each series. Where Azure gives no count, it is total / average; an average alone counts as one value. */
  readonly samples: readonly Sample[];
  readonly refused: readonly RefusedMetric[];
  /** What it took, repetitions included. */
  readonly calls: number;
}

export interface RefusedMetric {
  readonly resource: string;
  /** All that were asked for where absent. */
  readonly metric?: string;
  /** What Azure said and what to do. */
  readonly why: string;
}
