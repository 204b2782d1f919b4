import type { ReceivedEventData } from '@azure/event-hubs';
import { instant } from '@headroom/core';
import type { PositionedSample, WantedKey } from '@headroom/core';
import type { MetricBatch, RecordCounts, RejectedRecord, SampleGroup } from '@headroom/ports';
import type { MetricDecoder } from '@headroom/wire';
import { bytesOf } from './event-body.ts';

/** Decodes what one receive brought; `events` is not empty. `decoder`: the partition's own, which knows its records. */
export function readMetricBatch(
  source: string,
  events: readonly ReceivedEventData[],
  wanted: WantedKey,
  decoder: MetricDecoder,
): MetricBatch {
  const groups = new PathRuns();
  const rejected: RejectedRecord[] = [];
  const counts = { wanted: 0, unwanted: 0, notMetric: 0, rejected: 0 };
  for (const event of events) {
    const decoded = decoder.decode(bytesOf(event), wanted);
    const sequence = event.sequenceNumber;
    addCounts(counts, decoded.counts);
    if (decoded.samples.length > 0) {
      const into = groups.of(pathProperty(event) ?? decoded.form);
      for (const { sample, index } of decoded.samples) {
        into.push({ sample, position: { sequence, index } });
      }
    }
    for (const record of decoded.rejected) rejected.push({ source, sequence, ...record });
  }
  return {
    source,
    ...extentOf(events),
    groups: groups.all,
    rejected,
    counts,
  };
}

/**
 * A new group whenever the path changes, not one a path: frames are made of groups in their order, and a reader of
 * frames drops what is not above the highest position it has seen.
 */
class PathRuns {
  readonly all: (SampleGroup & { readonly samples: PositionedSample[] })[] = [];

  of(path: string): PositionedSample[] {
    const last = this.all.at(-1);
    if (last?.path === path) return last.samples;
    const samples: PositionedSample[] = [];
    this.all.push({ path, samples });
    return samples;
  }
}

function addCounts(sum: { -readonly [K in keyof RecordCounts]: number }, more: RecordCounts): void {
  sum.wanted += more.wanted;
  sum.unwanted += more.unwanted;
  sum.notMetric += more.notMetric;
  sum.rejected += more.rejected;
}

function extentOf(
  events: readonly ReceivedEventData[],
): Pick<MetricBatch, 'firstSequence' | 'lastSequence' | 'lastEnqueuedAt'> {
  const first = events[0];
  const last = events.at(-1);
  return {
    firstSequence: first?.sequenceNumber ?? -1,
    lastSequence: last?.sequenceNumber ?? -1,
    lastEnqueuedAt: instant(last?.enqueuedTimeUtc.getTime() ?? 0),
  };
}

function pathProperty(event: ReceivedEventData): string | undefined {
  const path: unknown = event.properties?.['path'];
  return typeof path === 'string' && path !== '' ? path : undefined;
}
