import { minuteMs } from '@headroom/core';
import type { Instant } from '@headroom/core';
import type { AutoscaleEvent } from '@headroom/ports';
import type { TargetHistory } from '../history/target-history.ts';

/** One scale operation of Azure's, from its begin to its end. */
export interface AzureOperation {
  readonly at: Instant;
  readonly from: number;
  readonly to: number;
  /** When it stopped holding the target. */
  readonly endsAt: Instant;
  /** Whether Azure said so. */
  readonly endIsTold: boolean;
  readonly failed: boolean;
  readonly predictive: boolean;
  /** The profile in force, where Azure named it. */
  readonly profile?: string;
}

/** Operations of Azure's autoscale, rising in time; none runs into the next. */
export function azureOperations(history: TargetHistory): readonly AzureOperation[] {
  const ends = endsOf(history.events);
  const begins = beginsOf(history.events);
  return begins.flatMap((begin, place): AzureOperation[] => {
    const { at, from, to, profile } = begin;
    if (from === undefined || to === undefined || from === to) return [];
    const end = ends.get(begin.correlationId);
    const told = end !== undefined && end.at >= at ? end : undefined;
    const nextAt = begins[place + 1]?.at ?? history.to;
    return [
      {
        ...{ at, from, to },
        endsAt: Math.min(told?.at ?? seenAt(history, at, to), nextAt) as Instant,
        endIsTold: told !== undefined,
        failed: told?.kind === 'ScaleFailed',
        predictive: isPredictive(begin, history.events),
        ...(profile === undefined ? {} : { profile }),
      },
    ];
  });
}

/** An end whose begin is not on record counts as both. */
export function beginsOf(events: readonly AutoscaleEvent[]): readonly AutoscaleEvent[] {
  const begins = events.filter(({ kind }) => kind === 'ScaleStarted');
  const known = new Set(begins.map(({ correlationId }) => correlationId));
  const others = events.filter(
    ({ kind, correlationId }) =>
      (kind === 'PredictiveScale' || kind === 'ScaleSucceeded' || kind === 'ScaleFailed') &&
      !known.has(correlationId),
  );
  for (const one of others) {
    if (known.has(one.correlationId)) continue;
    known.add(one.correlationId);
    begins.push(one);
  }
  return begins.sort((a, b) => a.at - b.at);
}

function endsOf(events: readonly AutoscaleEvent[]): ReadonlyMap<string, AutoscaleEvent> {
  const ends = events.filter(({ kind }) => kind === 'ScaleSucceeded' || kind === 'ScaleFailed');
  return new Map(ends.map((event) => [event.correlationId, event]));
}

function isPredictive(begin: AutoscaleEvent, events: readonly AutoscaleEvent[]): boolean {
  return events.some(
    ({ kind, correlationId }) =>
      kind === 'PredictiveScale' && correlationId === begin.correlationId,
  );
}

/** When the count was there, for an end that nobody told; a minute where that was not seen either. */
function seenAt({ capacities }: TargetHistory, at: Instant, to: number): number {
  const seen = capacities.find((one) => one.at >= at && one.instances === to);
  return seen?.at ?? at + minuteMs;
}
