import { minuteMs, spread, subscriptionOf } from '@headroom/core';
import type { Millis } from '@headroom/core';
import { readMetricsMax, readResourcesMax } from '@headroom/ports';
import type { MetricRead } from '@headroom/ports';
import type { PolledRead } from './polled-reads.ts';

/** Reads that one call asks for. */
export interface Batch extends Pick<MetricRead, 'subscription' | 'region' | 'namespace'> {
  /** The same for a batch of the same place in a later plan. */
  readonly id: string;
  readonly split: readonly string[];
  readonly grainMs: Millis;
  readonly metrics: readonly string[];
  readonly resources: readonly string[];
  /** Every metric of every resource. */
  readonly reads: readonly PolledRead[];
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

/**
 * As few calls as ask for exactly these reads: resources of one subscription, region, namespace, grain and split that are asked
 * for the same metrics go together.
 */
export function planOf(reads: readonly PolledRead[], regions: ReadonlyMap<string, string>): Plan {
  const groups = Map.groupBy(placedResources(reads, regions), ({ group }) => group);
  const unplaced = new Set(
    reads.map(({ resource }) => resource).filter((resource) => !regions.has(resource)),
  );
  const batches = [...groups].flatMap(([group, members]) =>
    group === undefined ? [] : batchesOf(group, members, regions),
  );
  return { batches, unplaced: [...unplaced] };
}

/** How often a grain is asked for: each minute; coarser ones than five minutes need not be. */
export function intervalOf(grainMs: Millis): Millis {
  return grainMs <= 5 * minuteMs ? minuteMs : 5 * minuteMs;
}

/** A resource with its reads of one namespace, grain and split; `group`: what can go with it into one call. */
interface PlacedResource {
  readonly resource: string;
  readonly reads: readonly PolledRead[];
  readonly group: string | undefined;
}

function placedResources(
  reads: readonly PolledRead[],
  regions: ReadonlyMap<string, string>,
): readonly PlacedResource[] {
  const alike = Map.groupBy(reads, ({ resource, namespace, grainMs, split }) =>
    [resource, namespace.toLowerCase(), grainMs, ...split].join('\n'),
  );
  return [...alike.values()].flatMap((list) => {
    const sorted = list.toSorted(byMetric);
    return chunksOf(sorted, readMetricsMax).flatMap((some) =>
      some[0] === undefined ? [] : placed(some[0], some, regions),
    );
  });
}

function placed(
  first: PolledRead,
  reads: readonly PolledRead[],
  regions: ReadonlyMap<string, string>,
): PlacedResource {
  const { resource, namespace, grainMs, split } = first;
  const subscription = subscriptionOf(resource);
  const region = regions.get(resource);
  const metrics = reads.map(({ metric }) => metric.toLowerCase()).join(',');
  const place = [subscription, region, namespace.toLowerCase(), grainMs, split.join(','), metrics];
  return { resource, reads, group: subscription === undefined ? undefined : place.join('\n') };
}

/** In the order of slots, so that a batch touches few of them. */
function batchesOf(
  group: string,
  members: readonly PlacedResource[],
  regions: ReadonlyMap<string, string>,
): readonly Batch[] {
  return chunksOf(members.toSorted(bySlot), readResourcesMax).flatMap((some, at) => {
    const first = some[0]?.reads[0];
    if (first === undefined) return [];
    const { resource, namespace, grainMs, split } = first;
    const id = `${group}\n${at}`;
    const intervalMs = intervalOf(grainMs);
    return {
      ...{ id, namespace, grainMs, split, intervalMs },
      subscription: subscriptionOf(resource) ?? '',
      region: regions.get(resource) ?? '',
      metrics: some[0]?.reads.map(({ metric }) => metric) ?? [],
      resources: some.map((member) => member.resource),
      reads: some.flatMap((member) => member.reads),
      phaseMs: spread(id) % intervalMs,
    };
  });
}

function byMetric(a: PolledRead, b: PolledRead): number {
  return compare(a.metric.toLowerCase(), b.metric.toLowerCase());
}

function bySlot(a: PlacedResource, b: PlacedResource): number {
  const slots = Number(a.reads[0]?.slot) - Number(b.reads[0]?.slot);
  return slots === 0 ? compare(a.resource, b.resource) : slots;
}

function compare(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

function chunksOf<T>(list: readonly T[], size: number): readonly (readonly T[])[] {
  const chunks: T[][] = [];
  for (let at = 0; at < list.length; at += size) chunks.push(list.slice(at, at + size));
  return chunks;
}
