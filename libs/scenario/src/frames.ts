import { ingestPath } from '@headroom/core';
import type { Frame, PositionedSample, Sample } from '@headroom/core';

export interface ArrivedSample {
  readonly sample: Sample;
  readonly path: string;
}

/** Frames as the router makes them, from one source partition of each path. */
export class FrameMaker {
  readonly #logId: string;
  #position = 0;

  constructor(logId: string) {
    this.#logId = logId;
  }

  /** Neighbours that came the same way share a frame: order is kept. */
  framesOf(samples: readonly ArrivedSample[]): readonly Frame[] {
    const frames: (Frame & { readonly samples: PositionedSample[] })[] = [];
    for (const { sample, path: name } of samples) {
      const path = ingestPath(name);
      const position = { sequence: this.#position++, index: 0 };
      const open = frames.at(-1);
      if (open?.path === path) {
        open.samples.push({ sample, position });
        frames[frames.length - 1] = { ...open, last: position };
        continue;
      }
      const ends = { first: position, last: position };
      const source = `${this.#logId}#${path}`;
      frames.push({ kind: 'frame', source, path, ...ends, samples: [{ sample, position }] });
    }
    return frames;
  }
}
