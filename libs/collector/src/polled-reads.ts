import { askedReads, idOf, settingsIn, spread } from '@headroom/core';
import type { AskedRead, SettingVersion } from '@headroom/core';

/** What is asked of one metric of one resource, by however many settings. */
export interface PolledRead extends AskedRead {
  /** Names the series that come of it: with another grain or split they are others, and begin anew. */
  readonly key: string;
  /** Which share of the work it belongs to; the same for every metric of the resource. */
  readonly slot: string;
}

/** Shares of the work that instances divide among themselves. More would make more checkpoints, fewer would divide badly. */
export const slots: readonly string[] = Array.from({ length: 16 }, (_, at) => String(at));

/**
 * What the settings and their shadows ask for, each metric of a resource once: of several that ask for it, the finest grain, every split and the
 * longest window. Two reads of one metric would be series beside each other, and count twice.
 *
 * AI services accounts and quota pools ask for nothing here: their gateway tells their calls each second, and Azure's own
 * counts of the same calls would come on top.
 */
export function polledReads(versions: Iterable<SettingVersion>): readonly PolledRead[] {
  const reads = new Map<string, AskedRead>();
  for (const { content } of versions) {
    for (const read of settingsIn(content)
      .filter(({ enabled }) => enabled)
      .flatMap(askedReads)) {
      const { resource, namespace, metric } = read;
      const name = [resource, namespace, metric].join('\n').toLowerCase();
      reads.set(name, both(reads.get(name), read));
    }
  }
  return [...reads.values()].map(polled);
}

function both(known: AskedRead | undefined, read: AskedRead): AskedRead {
  if (known === undefined) return read;
  const names = new Set(known.split.map((name) => name.toLowerCase()));
  return {
    ...known,
    grainMs: Math.min(known.grainMs, read.grainMs),
    windowMs: Math.max(known.windowMs, read.windowMs),
    split: [...known.split, ...read.split.filter((name) => !names.has(name.toLowerCase()))],
  };
}

function polled(read: AskedRead): PolledRead {
  const { resource, namespace, metric, grainMs } = read;
  const split = read.split.map((name) => name.toLowerCase()).toSorted();
  const key = idOf(resource, namespace.toLowerCase(), metric.toLowerCase(), grainMs, ...split);
  return { ...read, split, key: key.slice(0, 16), slot: slotOf(resource) };
}

export function slotOf(resource: string): string {
  return String(spread(resource) % slots.length);
}
