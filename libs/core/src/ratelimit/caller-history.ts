import { minuteMs } from '../lang/instant.ts';
import type { Instant } from '../lang/instant.ts';
import type { Anomaly } from '../decision/limit-facts.ts';

/** Of one caller: the minute that runs, and what its minutes were like before. */
export interface CallerMinutes {
  readonly caller: string;
  readonly minute: Instant;
  readonly calls: number;
  /** Of the minute before. */
  readonly last: number;
  /** Of finished minutes, the older the lighter: an hour's memory. */
  readonly usual: number;
  readonly minutes: number;
}

/** Callers that are remembered; those with the fewest calls go first. */
export const callersMax = 64;
/** A caller that was seen for less has no history to be far above of. */
const historyMin = 10;
const memoryMinutes = 60;

/**
 * How often each caller calls. With `factor` a minute of so many times the usual calls, or more, does not become usual: otherwise
 * whoever goes wild is usual after a while.
 */
export class CallerHistory {
  readonly #callers = new Map<string, CallerMinutes>();

  constructor(snapshot: readonly CallerMinutes[] = []) {
    for (const one of snapshot) this.#callers.set(one.caller, one);
  }

  /** Without `factor` a person confirmed what the caller does, or nobody asked. */
  add(caller: string, calls: number, now: Instant, factor: number | undefined): void {
    const known = this.#callers.get(caller);
    const current = known === undefined ? newCaller(caller, now) : finished(known, now, factor);
    this.#callers.set(caller, { ...current, calls: current.calls + calls });
    if (this.#callers.size > callersMax) this.#forgetLeast(now, factor);
  }

  /** The caller that is furthest above `factor` times its own history. */
  anomaly(factor: number, now: Instant): Anomaly | undefined {
    let found: Anomaly | undefined;
    for (const one of this.#callers.values()) {
      const { caller, last, usual, minutes, ...current } = finished(one, now, factor);
      // A minute that has just begun says little.
      const calls = Math.max(current.calls, last);
      const usualPerMinute = Math.max(usual, 1);
      if (!isAbove(calls, usual, minutes, factor)) continue;
      if (found === undefined || calls / usualPerMinute > found.perMinute / found.usualPerMinute) {
        found = { caller, perMinute: calls, usualPerMinute };
      }
    }
    return found;
  }

  snapshot(): readonly CallerMinutes[] {
    return [...this.#callers.values()];
  }

  clear(): void {
    this.#callers.clear();
  }

  #forgetLeast(now: Instant, factor: number | undefined): void {
    let least: { readonly caller: string; readonly weight: number } | undefined;
    for (const one of this.#callers.values()) {
      const weight = weightOf(finished(one, now, factor));
      if (least === undefined || weight < least.weight) least = { caller: one.caller, weight };
    }
    if (least !== undefined) this.#callers.delete(least.caller);
  }
}

function newCaller(caller: string, now: Instant): CallerMinutes {
  return { caller, minute: minuteOf(now), calls: 0, last: 0, usual: 0, minutes: 0 };
}

/** The caller as of now: minutes that have ended went into its history, also those without a call. */
function finished(one: CallerMinutes, now: Instant, factor: number | undefined): CallerMinutes {
  const minute = minuteOf(now);
  const ended = (minute - one.minute) / minuteMs;
  if (ended <= 0) return one;
  let { usual, minutes } = one;
  for (let i = 0; i < Math.min(ended, memoryMinutes * 4); i++) {
    const calls = i === 0 ? one.calls : 0;
    if (factor !== undefined && isAbove(calls, usual, minutes, factor)) continue;
    minutes += 1;
    usual += (calls - usual) / Math.min(minutes, memoryMinutes);
  }
  return { ...one, minute, calls: 0, last: ended === 1 ? one.calls : 0, usual, minutes };
}

function isAbove(calls: number, usual: number, minutes: number, factor: number): boolean {
  return minutes >= historyMin && calls > factor * Math.max(usual, 1);
}

function weightOf({ calls, last, usual }: CallerMinutes): number {
  return calls + last + usual;
}

function minuteOf(now: Instant): Instant {
  return (Math.floor(now / minuteMs) * minuteMs) as Instant;
}
