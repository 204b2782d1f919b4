import { subscriptionOf } from '@headroom/core';
import type { AskedRead } from '@headroom/core';
import { readMetricsMax, readResourcesMax } from '@headroom/ports';
import type { MetricRead } from '@headroom/ports';

/** Reads that one call asks for. */
export interface ReadBatch<Read extends AskedRead> {
  /** The same for a batch of the same place in a later plan. */
  readonly id: string;
  /** Without its time. */
  readonly call: Omit<MetricRead, 'from' | 'to'>;
  /** Every metric of every resource. */
  readonly reads: readonly Read[];
}

/**
 * As few calls as ask for exactly these reads: resources of one subscription, region, namespace, grain and split that are asked
 * for the same metrics go together, in the order of the reads, of which no two are the same. Where the region of a resource is
 * not known, that of its call is empty.
 */
export function readBatches<Read extends AskedRead>(
  reads: readonly Read[],
  regions: ReadonlyMap<string, string>,
): readonly ReadBatch<Read>[] {
  const alike = Map.groupBy(reads, (read) => [read.resource, ...placeOf(read)].join('\n'));
  const resources = [...alike.values()].flatMap((own) =>
    chunksOf(own.toSorted(byMetric), readMetricsMax),
  );
  const groups = Map.groupBy(resources, (own) => groupOf(own, regions));
  return [...groups].flatMap(([group, members]) =>
    chunksOf(members, readResourcesMax).map((some, at) => ({
      id: `${group}\n${at}`,
      call: callOf(some, regions),
      reads: some.flat(),
    })),
  );
}

type NonEmpty<T> = [T, ...T[]];

/** What the metrics of one call have in common, beside the place of their resource. */
function placeOf({ namespace, grainMs, split }: AskedRead): readonly unknown[] {
  const names = split.map((name) => name.toLowerCase()).toSorted();
  return [namespace.toLowerCase(), grainMs, names.join(',')];
}

/** What a resource's reads can go into one call with. */
function groupOf(own: NonEmpty<AskedRead>, regions: ReadonlyMap<string, string>): string {
  const [first] = own;
  const place = [subscriptionOf(first.resource), regions.get(first.resource), ...placeOf(first)];
  return [...place, own.map(({ metric }) => metric.toLowerCase()).join(',')].join('\n');
}

function callOf<Read extends AskedRead>(
  members: NonEmpty<NonEmpty<Read>>,
  regions: ReadonlyMap<string, string>,
): ReadBatch<Read>['call'] {
  const [own] = members;
  const { resource, namespace, grainMs, split } = own[0];
  return {
    subscription: subscriptionOf(resource) ?? '',
    region: regions.get(resource) ?? '',
    ...{ namespace, grainMs, split },
    metrics: own.map(({ metric }) => metric),
    resources: members.map(([first]) => first.resource),
  };
}

function byMetric(a: AskedRead, b: AskedRead): number {
  const [one, other] = [a.metric.toLowerCase(), b.metric.toLowerCase()];
  if (one === other) return 0;
  return one < other ? -1 : 1;
}

function chunksOf<T>(list: readonly T[], size: number): readonly NonEmpty<T>[] {
  const chunks: NonEmpty<T>[] = [];
  for (const [at, one] of list.entries()) {
    if (at % size === 0) chunks.push([one]);
    else chunks.at(-1)?.push(one);
  }
  return chunks;
}
