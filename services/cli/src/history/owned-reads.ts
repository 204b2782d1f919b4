import type { AskedRead } from '@headroom/core';
import type { KnownSetting } from './known-setting.ts';

/** A read, and the settings that asked for it. */
export interface OwnedRead extends AskedRead {
  readonly of: readonly KnownSetting[];
}

/** What the settings ask for, the same once. */
export function ownedReads(settings: readonly KnownSetting[]): readonly OwnedRead[] {
  const all = settings.flatMap((one) => one.reads.map((read) => ({ read, one })));
  const same = Map.groupBy(all, ({ read }) => nameOf(read));
  return [...same.values()].flatMap((list) => {
    const [first] = list;
    return first === undefined ? [] : { ...first.read, of: list.map(({ one }) => one) };
  });
}

function nameOf({ resource, metric, namespace, grainMs, split }: AskedRead): string {
  return [resource, metric, namespace, grainMs, ...split.toSorted()].join('\n').toLowerCase();
}
