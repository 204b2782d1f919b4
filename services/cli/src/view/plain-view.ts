import type { Millis } from '@headroom/core';
import { plainColors } from './colors.ts';
import { eventLines } from './event-line.ts';
import type { CallsEvent, ShownEvent, View } from './shown-event.ts';

/** The load changes all the time; between decisions a line now and then is enough. */
export const loadLineEveryMs: Millis = 10_000;

/** Lines without terminal control or colour, for files and other programs. */
export function plainView(write: (text: string) => void): View {
  const pace = steadyPace(loadLineEveryMs);
  return {
    show(event) {
      const due = pace(event);
      if (due === undefined) return;
      for (const line of eventLines(due, plainColors)) write(`${line}\n`);
    },
    close: () => undefined,
  };
}

/**
 * Lets through what is to be shown: of what comes every second, by what it is of, one event of each span of the clock, so that the
 * lines keep an even pace. Calls are those of the whole span, on average.
 */
export function steadyPace(everyMs: Millis): (event: ShownEvent) => ShownEvent | undefined {
  const shown = new Map<string, number>();
  const sums = new Map<string, CallsEvent[]>();
  const isDue = (of: string, at: number): boolean => {
    const span = Math.floor(at / everyMs);
    if (shown.get(of) === span) return false;
    shown.set(of, span);
    return true;
  };
  return (event) => {
    if (event.kind === 'load') return isDue(event.target, event.at) ? event : undefined;
    if (event.kind !== 'calls') return event;
    const calls = [...(sums.get(event.account) ?? []), event];
    const due = isDue(event.account, event.at);
    sums.set(event.account, due ? [] : calls);
    return due ? meanOf(calls, event) : undefined;
  };
}

function meanOf(calls: readonly CallsEvent[], last: CallsEvent): CallsEvent {
  const mean = (of: (one: CallsEvent) => number) =>
    Math.round((calls.reduce((sum, one) => sum + of(one), 0) / calls.length) * 10) / 10;
  return {
    ...last,
    served: mean(({ served }) => served),
    blocked: mean(({ blocked }) => blocked),
    failed: mean(({ failed }) => failed),
  };
}
