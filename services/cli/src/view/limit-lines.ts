import { amountText, durationText, limitOf } from '@headroom/core';
import type { Decision, ExplainedLimit, Instant, LimitFacts, TrailQuestion } from '@headroom/core';
import { shortName } from '../text/target-name.ts';
import { formatInstant } from '../text/when.ts';

/** What was seen of a limit, and which question ended the search. */
export function limitLines(
  { key, facts, bounds, decidedBy, nextCheckAt }: ExplainedLimit,
  decision: Decision,
): readonly string[] {
  const inCalls = (tps: number) => amountText(decision.target, tps);
  const range =
    bounds === undefined
      ? ''
      : `: default ${bounds.baseTps}, at most ${inCalls(bounds.ceilingTps)}`;
  return [
    `decided by: ${questions[decidedBy] ?? decidedBy}`,
    `limit ${key}${range}`,
    ...(facts === undefined ? ['what was seen of it is not on record'] : seenLines(facts, inCalls)),
    ...proposedLine(decision.capacity, inCalls),
    ...confirmLine(decision),
    ...(nextCheckAt === undefined ? [] : [nextCheckText(nextCheckAt, decision.at)]),
  ];
}

type InCalls = (tps: number) => string;

function seenLines(facts: LimitFacts, inCalls: InCalls): readonly string[] {
  const { backend, spend, anomaly, checkedAt, demandTps } = facts;
  const since = checkedAt === undefined ? '' : ` since the check at ${formatInstant(checkedAt)}`;
  return [
    blockedText(facts),
    `at most ${inCalls(demandTps)} were asked for${since}`,
    backendText(backend, inCalls),
    ...(spend.breach === undefined ? [] : [spend.breach]),
    ...(spend.boundTps === undefined
      ? []
      : [`the caps in money leave room for ${inCalls(rounded(spend.boundTps))}`]),
    ...(anomaly === undefined
      ? []
      : [
          `${anomaly.caller} makes ${rounded(anomaly.perMinute)} calls a minute, usually ${rounded(anomaly.usualPerMinute)}`,
        ]),
  ];
}

function blockedText({ blocked, blockedSince, quietSince }: LimitFacts): string {
  if (blockedSince === undefined) {
    return `no call was answered 429 for its rate since ${formatInstant(quietSince)}`;
  }
  return `${rounded(blocked)} calls were answered 429 since ${formatInstant(blockedSince)}`;
}

function backendText(
  { capacityTps, sumTps, raisedTps }: LimitFacts['backend'],
  inCalls: InCalls,
): string {
  const allowed = `limits that may be raised allow ${inCalls(rounded(sumTps))} together, ${rounded(raisedTps)} above their defaults`;
  return capacityTps === undefined
    ? `what the backend serves is not known, which counts as not enough; ${allowed}`
    : `the backend serves ${inCalls(rounded(capacityTps))}; ${allowed}`;
}

/** Where room or money gave less than the growth asked for. */
function proposedLine({ proposed, after }: Decision['capacity'], inCalls: InCalls) {
  if (proposed === undefined || proposed === after) return [];
  return [`the growth asked for ${inCalls(proposed)}`];
}

function confirmLine({ reason, target }: Decision): readonly string[] {
  const account = limitOf(target)?.account;
  if (reason !== 'AnomalyHold' || account === undefined) return [];
  return [`to let it rise: headroom override confirm ${shortName(account)} --for 1h --reason "…"`];
}

function nextCheckText(next: Instant, at: Instant): string {
  return next <= at
    ? 'the backend is looked at again with the next evaluation'
    : `the backend is looked at again at ${formatInstant(next)}, ${durationText(next - at)} later`;
}

function rounded(value: number): number {
  return Math.round(value * 10) / 10;
}

const questions: Partial<Record<TrailQuestion, string>> = {
  override: 'has somebody put something above it?',
  capacity: 'is the limit in force known?',
  inFlight: 'is a change of it under way?',
  backoff: 'did the last change fail?',
  autoscale: 'is the autoscale switched on?',
  eligible: 'may the limits of such an account be raised?',
  bounds: 'is it between its default and the maximum?',
  spend: 'is there money left?',
  throttled: 'were calls answered 429 that no check has answered?',
  check: 'is it time to look at the backend?',
  available: 'does the backend have room?',
  anomaly: 'is one caller far above its own history?',
  demand: 'does anybody run into it?',
  error: 'could it be decided at all?',
};
