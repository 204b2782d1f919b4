import { instant, sampleEnd } from '@headroom/core';
import type { Instant, Sample } from '@headroom/core';
import type { MetricAnswer } from '@headroom/ports';
import { lateMs } from './asks.ts';
import type { Ask, WantedSpan } from './asks.ts';
import type { PolledRead } from './polled-reads.ts';
import { isPublished, settle } from './progress.ts';
import type { ReadProgress, SlotProgress } from './progress.ts';

/** What came for one read, refusals apart. */
export interface AnsweredRead extends WantedSpan {
  readonly samples: readonly Sample[];
}

/** The samples of each read that was not refused. What was not wanted is left out: a call asks all metrics of all resources. */
export function answeredReads(
  ask: Ask,
  { samples, refused }: MetricAnswer,
): readonly AnsweredRead[] {
  const none = new Set(refused.map(({ resource, metric }) => nameOf(resource, metric)));
  const byRead = Map.groupBy(samples, ({ series }) => nameOf(series.resource, series.metric));
  return ask.wanted.flatMap((wanted) => {
    const { read, from, to } = wanted;
    const name = nameOf(read.resource, read.metric);
    if (none.has(name) || none.has(nameOf(read.resource))) return [];
    const own = (byRead.get(name) ?? []).filter(
      ({ time, grainMs }) => grainMs === read.grainMs && time >= from && time < to,
    );
    return [{ ...wanted, samples: own }];
  });
}

/** Those that are not on the hub yet, or with other numbers; in the order of time. */
export function newSamples(
  answered: readonly AnsweredRead[],
  progress: SlotProgress,
): readonly (readonly [PolledRead, Sample])[] {
  const found = answered.flatMap(({ read, samples }) => {
    const known = progress.of(read.key);
    const fresh = samples.filter((sample) => known === undefined || !isPublished(known, sample));
    return fresh.map((sample) => [read, sample] as const);
  });
  return found.toSorted(([, a], [, b]) => a.time - b.time);
}

export function progressOf(progress: SlotProgress, { read, from }: WantedSpan): ReadProgress {
  return progress.of(read.key) ?? progress.begin(read.key, read.grainMs, from);
}

/** The read is published as far as it was answered. */
export function advance(progress: SlotProgress, wanted: WantedSpan): void {
  const { read, from, to } = wanted;
  const own = progressOf(progress, wanted);
  // Over a gap that reaches further back than anybody looks, it begins anew.
  if (from > own.settled || from < own.since) own.since = from;
  settle(own, instant(Math.max(own.settled, to - lateMs(read.grainMs))));
}

export function newestEndOf(samples: readonly Sample[]): Instant | undefined {
  if (samples.length === 0) return undefined;
  return samples.reduce((newest, sample) => {
    const end = sampleEnd(sample);
    return end > newest ? end : newest;
  }, instant(-Infinity));
}

function nameOf(resource: string, metric = ''): string {
  return `${resource}\n${metric.toLowerCase()}`;
}
