import type { Millis } from '@headroom/core';
import { plainColors } from './colors.ts';
import { eventLines } from './event-line.ts';
import type { LoadEvent, View } from './shown-event.ts';

/** The load changes all the time; between decisions a line now and then is enough. */
export const loadLineEveryMs: Millis = 10_000;

/** Lines without terminal control or colour, for files and other programs. */
export function plainView(write: (text: string) => void): View {
  const due = everySoOften(loadLineEveryMs);
  return {
    show(event) {
      if (event.kind === 'load' && !due(event)) return;
      for (const line of eventLines(event, plainColors)) write(`${line}\n`);
    },
    close: () => undefined,
  };
}

/** Says yes to the first load of each span of the clock, so that the lines keep an even pace. */
export function everySoOften(everyMs: Millis): (load: LoadEvent) => boolean {
  let shown: number | undefined;
  return ({ at }) => {
    const span = Math.floor(at / everyMs);
    if (span === shown) return false;
    shown = span;
    return true;
  };
}
