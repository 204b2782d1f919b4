import type { Millis } from '@headroom/core';
import { plainColors } from './colors.ts';
import { eventLines } from './event-line.ts';
import type { CallsEvent, LoadEvent, ShownEvent, View } from './shown-event.ts';

/** The load changes all the time; between decisions a line now and then is enough. */
export const loadLineEveryMs: Millis = 10_000;

/** Lines without terminal control or colour, for files and other programs. */
export function plainView(write: (text: string) => void): View {
  const due = everySoOften(loadLineEveryMs);
  return {
    show(event) {
      if (isSteady(event) && !due(event)) return;
      for (const line of eventLines(event, plainColors)) write(`${line}\n`);
    },
    close: () => undefined,
  };
}

/** What comes every second. */
export function isSteady(event: ShownEvent): event is LoadEvent | CallsEvent {
  return event.kind === 'load' || event.kind === 'calls';
}

/** Says yes to the first event of each span of the clock, by what it is of, so that the lines keep an even pace. */
export function everySoOften(everyMs: Millis): (event: LoadEvent | CallsEvent) => boolean {
  const shown = new Map<string, number>();
  return (event) => {
    const of = event.kind === 'load' ? event.target : event.account;
    const span = Math.floor(event.at / everyMs);
    if (shown.get(of) === span) return false;
    shown.set(of, span);
    return true;
  };
}
