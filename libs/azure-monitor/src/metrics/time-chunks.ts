import { instant } from '@headroom/core';
import type { Instant } from '@headroom/core';
import type { MetricQuery } from './metric-query.ts';

/** Points of one answer: more of them take long enough for a proxy on the way to give up. */
const pointsMax = 100_000;
/** The longest time of one call; Azure keeps the older part of its metrics elsewhere, and is slow to join them. */
const spanMaxMs = 7 * 86_400_000;

/** The query in pieces of time whose answers hold no more points than they may, one after the other; on the grid of the grain. */
export function* timeChunks(query: MetricQuery): Generator<MetricQuery> {
  const { grainMs, resources, metrics, top } = query;
  const seriesMax = resources.length * metrics.length * top;
  const grains = Math.min(Math.floor(pointsMax / seriesMax), Math.floor(spanMaxMs / grainMs));
  const stepMs = Math.max(1, grains) * grainMs;
  const end = onGrid(query.to, grainMs);
  for (let from = onGrid(query.from, grainMs); from < end; from = instant(from + stepMs)) {
    yield { ...query, from, to: instant(Math.min(from + stepMs, end)) };
  }
}

/** The first begin of a grain that is not before `at`. */
function onGrid(at: Instant, grainMs: number): Instant {
  return instant(Math.ceil(at / grainMs) * grainMs);
}
