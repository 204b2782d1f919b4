import { instant } from '@headroom/core';
import type { Instant } from '@headroom/core';
import type { MetricQuery } from './metric-query.ts';

/** Points of one answer: more of them take long enough for a proxy on the way to give up. */
const pointsMax = 100_000;
/** The longest time of one call; Azure keeps the older part of its metrics elsewhere, and is slow to join them. */
const spanMaxMs = 7 * 86_400_000;

/** The beginning of the query whose answer holds no more points than it may. Its time lies on the grid of the grain. */
export function firstChunk(query: MetricQuery): MetricQuery {
  const { grainMs, resources, top, from, to } = query;
  const seriesMax = Math.max(1, resources.length * top);
  const grains = Math.min(Math.floor(pointsMax / seriesMax), Math.floor(spanMaxMs / grainMs));
  return { ...query, to: instant(Math.min(from + Math.max(1, grains) * grainMs, to)) };
}

/** The grains that begin in the time of the query: Azure counts them from its beginning. */
export function onGrid<Timed extends Pick<MetricQuery, 'from' | 'to' | 'grainMs'>>(
  query: Timed,
): Timed {
  const begin = (at: Instant) => instant(Math.ceil(at / query.grainMs) * query.grainMs);
  return { ...query, from: begin(query.from), to: begin(query.to) };
}
