import { minuteMs } from '@headroom/core';
import type {
  Decision,
  DecisionOutcome,
  Instant,
  Judgement,
  Millis,
  Reason,
  Verdict,
} from '@headroom/core';
import type { HoldSpan } from './assessment.ts';
import type { HistoryWatch } from './history-run.ts';

/** An action that was found again and again, to one count, until something changed. */
export interface Found {
  readonly since: Instant;
  readonly until: Instant;
  /** The first. */
  readonly decision: Decision;
  /** Since when an action in this direction was found, to whatever count. */
  readonly directionSince: Instant;
  readonly endedBy: 'azure' | 'hold' | 'another' | 'end';
}

/** What was held for less is gone before Azure's next round may have seen it. */
const holdLeastMs: Millis = 2 * minuteMs;

interface OpenFound {
  readonly since: Instant;
  readonly decision: Decision;
  readonly directionSince: Instant;
}

interface OpenHold {
  readonly from: Instant;
  readonly reason: Reason;
  readonly decision: Decision;
}

/** What a run over a history found, and why it held while a scale-out rule fired. */
export class Findings implements HistoryWatch {
  readonly actions: Found[] = [];
  readonly holds: HoldSpan[] = [];
  #open: OpenFound | undefined;
  #hold: OpenHold | undefined;

  began(at: Instant): void {
    this.#close(at, 'azure');
    this.#closeHold(at);
  }

  found(decision: Decision): void {
    const { at, outcome } = decision;
    this.#closeHold(at);
    const open = this.#open;
    if (open !== undefined && isSame(open.decision, decision)) return;
    const sameWay = open?.decision.outcome === outcome;
    this.#close(at, 'another');
    const directionSince = open !== undefined && sameWay ? open.directionSince : at;
    this.#open = { since: at, decision, directionSince };
  }

  held(judgement: Judgement, decision: () => Decision): void {
    const { now, reason } = judgement;
    this.#close(now, 'hold');
    const isOver = judgement.rules.some(({ direction, fired }) => direction === 'out' && fired);
    if (isOver && this.#hold?.reason === reason) return;
    this.#closeHold(now);
    if (isOver) this.#hold = { from: now, reason, decision: decision() };
  }

  end(at: Instant): void {
    this.#close(at, 'end');
    this.#closeHold(at);
  }

  #close(until: Instant, endedBy: Found['endedBy']): void {
    if (this.#open === undefined) return;
    this.actions.push({ ...this.#open, until, endedBy });
    this.#open = undefined;
  }

  #closeHold(to: Instant): void {
    if (this.#hold !== undefined && to - this.#hold.from >= holdLeastMs) {
      this.holds.push({ ...this.#hold, to });
    }
    this.#hold = undefined;
  }
}

function isSame(a: Decision, b: Decision): boolean {
  return a.outcome === b.outcome && a.capacity.after === b.capacity.after;
}

/** Whether a verdict is this action: direction and count. */
export function isAction(
  { outcome, capacity }: Verdict,
  action: { readonly from: number; readonly to: number },
): boolean {
  return outcome === directionOf(action) && capacity.after === action.to;
}

export function directionOf({ from, to }: { from: number; to: number }): DecisionOutcome {
  return to > from ? 'ScaleOut' : 'ScaleIn';
}
