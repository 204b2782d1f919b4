import { heartbeatMs, minuteMs } from '@headroom/core';
import type { Decision, Instant, Millis, Reason } from '@headroom/core';
import type { WantedCount } from './comparison.ts';

/** A finding is on record every 15 minutes or so: one that was not confirmed for longer is not known to hold any more. */
export const confirmedWithinMs: Millis = heartbeatMs + 2 * minuteMs;

/** What one side found last, and which count it wants. */
export class Side {
  /** Absent: the setting in force. */
  readonly shadow: string | undefined;
  #last: Decision | undefined;
  #action: Decision | undefined;

  constructor(shadow: string | undefined) {
    this.shadow = shadow;
  }

  /** Answers what the decision is beside those before it. */
  take(decision: Decision): 'move' | 'again' | 'finding' {
    const isAgain = isSameMove(this.#action, decision);
    this.#last = decision;
    if (decision.outcome === 'Hold') {
      if (!isWaiting(this.#action, decision)) this.#action = undefined;
      return 'finding';
    }
    if (!isAgain) this.#action = decision;
    if (isAgain) return decision.record === 'action' ? 'again' : 'finding';
    return 'move';
  }

  /** Until when what it found last is known to hold. */
  get knownUntil(): Instant {
    return ((this.#last?.at ?? -Infinity) + confirmedWithinMs) as Instant;
  }

  /** Why it holds. */
  get held(): Reason | undefined {
    return this.#last?.outcome === 'Hold' ? this.#last.reason : undefined;
  }

  /** That of a move which it waits for, else the one at which it holds; `undefined` where it knows none. */
  get wanted(): WantedCount | undefined {
    const decision = this.#action ?? this.#last;
    const count = decision?.capacity.after;
    if (decision === undefined || count === undefined) return undefined;
    const { id, outcome, reason, at } = decision;
    return { count, decision: { id, outcome, reason, at } };
  }
}

/** Holds that say nothing against the move before them: it is on its way, or too near. */
const waiting: ReadonlySet<Reason> = new Set(['InFlight', 'Cooldown', 'Backoff', 'FlapBudget']);

/** The capacity is where the move found it, or where it was to be; elsewhere somebody else took it there. */
function isWaiting(action: Decision | undefined, { reason, capacity }: Decision): boolean {
  if (action === undefined || !waiting.has(reason)) return false;
  return [action.capacity.before, action.capacity.after].includes(capacity.before);
}

function isSameMove(action: Decision | undefined, { outcome, capacity }: Decision): boolean {
  return (
    action !== undefined && action.outcome === outcome && action.capacity.after === capacity.after
  );
}
