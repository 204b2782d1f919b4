import { ingestPath } from '@headroom/core';
import type { Frame, IngestPath, PositionedSample } from '@headroom/core';
import type { MetricBatch, SampleGroup } from '@headroom/ports';
import type { WantedIndex } from './wanted-index.ts';

/** Samples in one frame; keeps a frame well under the broker's message limit of 1 MiB. */
export const frameSamplesMax = 2_000;

/** Frames to append, by partition of the log, in source order. */
export type FramesByPartition = ReadonlyMap<number, readonly Frame[]>;

/** One flush: the batch's samples, for each partition that needs them, whole and in source order. */
export function framesOf(batch: MetricBatch, index: WantedIndex): FramesByPartition {
  const frames = new Map<number, Frame[]>();
  for (const [path, samples] of byPath(batch.groups)) {
    for (const [partition, needed] of distribute(samples, index)) {
      const list = frames.get(partition) ?? [];
      for (let at = 0; at < needed.length; at += frameSamplesMax) {
        list.push(frameOf(batch.source, path, needed.slice(at, at + frameSamplesMax)));
      }
      frames.set(partition, list);
    }
  }
  return frames;
}

function byPath(groups: readonly SampleGroup[]): ReadonlyMap<IngestPath, PositionedSample[]> {
  const merged = new Map<IngestPath, PositionedSample[]>();
  for (const { path, samples } of groups) {
    const known = merged.get(ingestPath(path));
    if (known === undefined) merged.set(ingestPath(path), [...samples]);
    else for (const sample of samples) known.push(sample);
  }
  return merged;
}

function distribute(
  samples: readonly PositionedSample[],
  index: WantedIndex,
): ReadonlyMap<number, readonly PositionedSample[]> {
  const needed = new Map<number, PositionedSample[]>();
  for (const positioned of samples) {
    const { resource, metric } = positioned.sample.series;
    for (const partition of index.routes(resource, metric)) {
      const list = needed.get(partition);
      if (list === undefined) needed.set(partition, [positioned]);
      else list.push(positioned);
    }
  }
  return needed;
}

function frameOf(source: string, path: IngestPath, samples: readonly PositionedSample[]): Frame {
  const [first, last] = [samples[0], samples.at(-1)];
  if (first === undefined || last === undefined) throw new RangeError('a frame holds a sample');
  // Positions rise within one path of one source partition, so that is what the fold compares them in.
  const name = `${source}#${path}`;
  return { kind: 'frame', source: name, first: first.position, last: last.position, path, samples };
}
