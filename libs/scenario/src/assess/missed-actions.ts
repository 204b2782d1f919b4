import { minuteMs } from '@headroom/core';
import type { Instant, Millis } from '@headroom/core';
import type { AutoscaleEvent } from '@headroom/ports';
import type { MissedAction } from './assessment.ts';
import type { AssessedHistory } from './assessed-history.ts';
import { directionOf } from './findings.ts';
import type { Findings, Found } from './findings.ts';

/** What was found for less may have come and gone between two rounds of Azure's engine. */
const missedLeastMs: Millis = 2 * minuteMs;

/** An action of Azure's so long after one that was found is the same, late. */
const lateMs: Millis = 10 * minuteMs;

export interface Missed {
  readonly missed: readonly MissedAction[];
  /** While Azure could not read what is there now: nobody could have acted on it then. */
  readonly unseen: readonly MissedAction[];
}

/** Found for a while by the rules that were in force, and Azure neither began it then nor soon after. */
export function missedActions(assessed: AssessedHistory, { actions }: Findings): Missed {
  const { warmAt, sameSince, history } = assessed;
  const missed: MissedAction[] = [];
  const unseen: MissedAction[] = [];
  actions.forEach((found, place) => {
    const { decision, directionSince: at, until } = found;
    // One direction is one chance, to however many counts.
    if (found.endedBy === 'another' && actions[place + 1]?.directionSince === at) return;
    const forMs = until - at;
    if (forMs < missedLeastMs || at < Math.max(warmAt, sameSince)) return;
    if (isDone(found, assessed)) return;
    (isBlind(history.events, at, until) ? unseen : missed).push({ at, forMs, decision });
  });
  return { missed, unseen };
}

function isDone({ decision, directionSince, until }: Found, assessed: AssessedHistory): boolean {
  return assessed.operations.some(
    (operation) =>
      directionOf(operation) === decision.outcome &&
      operation.at >= directionSince &&
      operation.at <= until + lateMs,
  );
}

/** Whether Azure says that it could not read a metric somewhere in [from, to]. */
function isBlind(events: readonly AutoscaleEvent[], from: Instant, to: Instant): boolean {
  const said = events.filter(({ kind }) => kind === 'MetricFailure' || kind === 'MetricRecovery');
  const before = said.findLast(({ at }) => at <= from);
  return (
    before?.kind === 'MetricFailure' ||
    said.some(({ at, kind }) => kind === 'MetricFailure' && at > from && at <= to)
  );
}
