import { isoOf } from '@headroom/core';
import { encodeAuditRecord } from '@headroom/wire';
import { printable } from '../text/printable.ts';
import { loadLineEveryMs, steadyPace } from './plain-view.ts';
import type { ShownEvent, View } from './shown-event.ts';

/** NDJSON: one object an event, told apart by `kind`. Decisions and outcomes hold the audit record as it is kept. */
export function jsonView(write: (text: string) => void): View {
  const pace = steadyPace(loadLineEveryMs);
  return {
    show(event) {
      const due = pace(event);
      if (due !== undefined) write(`${printable(JSON.stringify(eventDocument(due)))}\n`);
    },
    close: () => undefined,
  };
}

export function eventDocument(event: ShownEvent): object {
  switch (event.kind) {
    case 'decision':
      return { kind: 'decision', record: encodeAuditRecord(event.record) };
    case 'outcome':
      return {
        kind: 'outcome',
        record: encodeAuditRecord(event.record),
        ...(event.latency === undefined ? {} : { latency: event.latency }),
      };
    case 'load':
    case 'calls':
      return { ...event, at: isoOf(event.at) };
    case 'step':
    case 'warning':
    case 'service':
    case 'summary':
      return event;
  }
}
