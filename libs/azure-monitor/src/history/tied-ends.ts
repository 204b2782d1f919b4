import type { Millis } from '@headroom/core';
import type { AutoscaleEvent } from '@headroom/ports';

/** The longest that an action is believed to take. */
const actionMaxMs: Millis = 2 * 3_600_000;

/**
 * Ends under the correlation id of their begins. Microsoft's pages do not say that both have one: an end whose run began nothing is
 * that of the last action of the setting to the same count that has none yet.
 */
export function tiedEnds(events: readonly AutoscaleEvent[]): readonly AutoscaleEvent[] {
  const begun = new Set(events.filter(isBegin).map(runOf));
  const open = new Map<string, AutoscaleEvent[]>();
  return events.map((event) => {
    const begins = open.get(event.setting) ?? [];
    if (isBegin(event)) open.set(event.setting, [...begins, event]);
    if (!isEnd(event)) return event;
    const own = begins.find((begin) => runOf(begin) === runOf(event));
    const begin = own ?? (begun.has(runOf(event)) ? undefined : begins.findLast(fits(event)));
    if (begin === undefined) return event;
    open.set(
      event.setting,
      begins.filter((each) => each !== begin),
    );
    return { ...event, correlationId: begin.correlationId };
  });
}

function fits({ at, to }: AutoscaleEvent): (begin: AutoscaleEvent) => boolean {
  return (begin) => begin.to === to && at - begin.at <= actionMaxMs;
}

function isBegin({ kind }: AutoscaleEvent): boolean {
  return kind === 'ScaleStarted';
}

function isEnd({ kind }: AutoscaleEvent): boolean {
  return kind === 'ScaleSucceeded' || kind === 'ScaleFailed';
}

function runOf({ setting, correlationId }: AutoscaleEvent): string {
  return `${setting}\n${correlationId}`;
}
