import { durationText } from '@headroom/core';
import type { Millis } from '@headroom/core';
import type { AutoscaleEvent } from '@headroom/ports';
import { defaultProvisioningMs } from './options.ts';

/** How long an operation takes until its instances are there, or gone. */
export interface Provisioning {
  readonly outMs: Millis;
  readonly inMs: Millis;
  /** Where that comes from. */
  readonly text: string;
}

/** As stated; else the medians of what Azure's own operations took; else a guess, which is said. */
export function provisioningOf(
  events: readonly AutoscaleEvent[],
  statedMs: Millis | undefined,
): Provisioning {
  if (statedMs !== undefined) {
    return same(statedMs, `an operation takes ${durationText(statedMs)}, as stated`);
  }
  const { out, in: inward } = durationsOf(events);
  const any = medianOf([...out, ...inward]);
  if (any === undefined) {
    return same(
      defaultProvisioningMs,
      `an operation takes ${durationText(defaultProvisioningMs)}: a guess, as the history has none that ended; --provisioning says it better`,
    );
  }
  const outMs = medianOf(out) ?? any;
  const inMs = medianOf(inward) ?? any;
  const text = `a scale-out takes ${durationText(outMs)} and a scale-in ${durationText(inMs)}: medians of ${out.length} and ${inward.length} on record`;
  return { outMs, inMs, text };
}

function same(ms: Millis, text: string): Provisioning {
  return { outMs: ms, inMs: ms, text };
}

/** From the begin of each operation that succeeded to its end. */
function durationsOf(events: readonly AutoscaleEvent[]) {
  const begun = new Map<string, AutoscaleEvent>();
  const durations: Record<'out' | 'in', Millis[]> = { out: [], in: [] };
  for (const event of events) {
    if (event.kind === 'ScaleStarted') begun.set(event.correlationId, event);
    if (event.kind !== 'ScaleSucceeded') continue;
    const start = begun.get(event.correlationId);
    if (start?.from === undefined || start.to === undefined) continue;
    durations[start.to > start.from ? 'out' : 'in'].push(event.at - start.at);
  }
  return durations;
}

function medianOf(values: readonly Millis[]): Millis | undefined {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];
}
