import { subscriptionOf } from '@headroom/core';
import type { AskedRead, Millis } from '@headroom/core';
import { readMetricsMax, readResourcesMax } from '@headroom/ports';
import type { MetricRead } from '@headroom/ports';
import type { KnownSetting } from './known-setting.ts';

/** A read, and the settings that asked for it. */
export interface OwnedRead {
  readonly read: AskedRead;
  readonly of: readonly KnownSetting[];
}

/** A call without its time. */
export interface ReadBatch extends Omit<MetricRead, 'from' | 'to'> {
  readonly grainMs: Millis;
  readonly owned: readonly OwnedRead[];
}

/**
 * The settings' reads in few calls: what is alike but for its resource goes together. A resource whose region is not known is
 * asked for with an empty one.
 */
export function batchesOf(
  settings: readonly KnownSetting[],
  regions: ReadonlyMap<string, string>,
): readonly ReadBatch[] {
  const owned = ownedReads(settings);
  const resources = Map.groupBy(owned, ({ read }) => [read.resource, placeOf(read)].join('\n'));
  const alike = Map.groupBy(resources.values(), (reads) => callOf(reads, regions));
  return [...alike.values()].flatMap((group) =>
    chunksOf(group, readResourcesMax).flatMap((some) => batches(some, regions)),
  );
}

function ownedReads(settings: readonly KnownSetting[]): readonly OwnedRead[] {
  const all = settings.flatMap((one) => one.reads.map((read) => ({ read, one })));
  const same = Map.groupBy(all, ({ read }) => {
    return [read.resource, read.metric.toLowerCase(), placeOf(read)].join('\n');
  });
  return [...same.values()].flatMap((list) => {
    const [first] = list;
    return first === undefined ? [] : { read: first.read, of: list.map(({ one }) => one) };
  });
}

/** What the metrics of one call have in common, beside the place of their resource. */
function placeOf({ namespace, grainMs, split }: AskedRead): string {
  return [namespace, grainMs, ...split.toSorted()].join('\n').toLowerCase();
}

function callOf(reads: readonly OwnedRead[], regions: ReadonlyMap<string, string>): string {
  const [first] = reads;
  if (first === undefined) return '';
  const { resource } = first.read;
  const metrics = reads.map(({ read }) => read.metric.toLowerCase()).toSorted();
  return [subscriptionOf(resource), regions.get(resource), placeOf(first.read), ...metrics].join(
    '\n',
  );
}

function batches(
  group: readonly (readonly OwnedRead[])[],
  regions: ReadonlyMap<string, string>,
): readonly ReadBatch[] {
  const [first] = group;
  if (first === undefined) return [];
  const resources = group.flatMap((reads) => reads[0]?.read.resource ?? []);
  return chunksOf(first, readMetricsMax).flatMap((some, at) => {
    const read = some[0]?.read;
    if (read === undefined) return [];
    const { namespace, grainMs, split, resource } = read;
    const place = {
      subscription: subscriptionOf(resource) ?? '',
      region: regions.get(resource) ?? '',
    };
    const metrics = some.map((each) => each.read.metric);
    const owned = group.flatMap((reads) => chunksOf(reads, readMetricsMax)[at] ?? []);
    return { ...place, namespace, grainMs, split, metrics, resources, owned };
  });
}

function chunksOf<T>(list: readonly T[], size: number): readonly (readonly T[])[] {
  const chunks: T[][] = [];
  for (let at = 0; at < list.length; at += size) chunks.push(list.slice(at, at + size));
  return chunks;
}
