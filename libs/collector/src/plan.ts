import { minuteMs, spread, subscriptionOf } from '@headroom/core';
import type { Millis } from '@headroom/core';
import type { MetricRead } from '@headroom/ports';
import type { PolledRead } from './polled-reads.ts';
import { readBatches } from './read-batches.ts';
import type { ReadBatch } from './read-batches.ts';

/** A call, and when it is made. */
export interface Batch
  extends Omit<ReadBatch<PolledRead>, 'call'>, Omit<MetricRead, 'from' | 'to'> {
  readonly intervalMs: Millis;
  /** Within the interval: batches are spread over it. */
  readonly phaseMs: Millis;
}

export interface Plan {
  readonly batches: readonly Batch[];
  /**
   * Resources whose region is not known: they are asked for by themselves, which gives their metrics or says why not. And those that
   * are in no subscription, which are not asked for.
   */
  readonly unplaced: readonly string[];
}

/** In the order of slots, so that a batch touches few of them. */
export function planOf(reads: readonly PolledRead[], regions: ReadonlyMap<string, string>): Plan {
  const asked = reads.filter(({ resource }) => subscriptionOf(resource) !== undefined);
  const unplaced = new Set(
    reads.map(({ resource }) => resource).filter((resource) => !regions.has(resource)),
  );
  const batches = readBatches(asked.toSorted(bySlot), regions).map(timed);
  return { batches, unplaced: [...unplaced] };
}

function timed({ id, call, reads }: ReadBatch<PolledRead>): Batch {
  const intervalMs = intervalOf(call.grainMs);
  return { id, ...call, reads, intervalMs, phaseMs: spread(id) % intervalMs };
}

/** How often a grain is asked for: each minute; coarser ones than five minutes need not be. */
function intervalOf(grainMs: Millis): Millis {
  return grainMs <= 5 * minuteMs ? minuteMs : 5 * minuteMs;
}

function bySlot(a: PolledRead, b: PolledRead): number {
  const slots = Number(a.slot) - Number(b.slot);
  if (slots !== 0 || a.resource === b.resource) return slots;
  return a.resource < b.resource ? -1 : 1;
}
