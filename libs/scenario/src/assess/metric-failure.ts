import { hourMs, isoOf, minuteMs } from '@headroom/core';
import type { Decision, Millis } from '@headroom/core';
import type { ActionFinding } from './assessment.ts';
import type { Span } from './assessed-history.ts';
import { isAction } from './findings.ts';
import { without } from './judged-otherwise.ts';
import type { OddOperation } from './odd-operation.ts';
import { tryOperation } from './trial.ts';

/** How long before an action Azure may have said that it cannot read a metric. */
const failureReachMs: Millis = 24 * hourMs;

/** How soon after it can read again Azure acts on what it missed. */
const recoveredReachMs: Millis = 10 * minuteMs;

const by = 'metricFailure';

/** What Azure could not read until it said that it can again, it acts on only then. */
export function sinceRecovery(odd: OddOperation): ActionFinding | undefined {
  const blind = blindUntil(odd);
  if (blind === undefined) return undefined;
  const { assessed, operation, dataAgeMs } = odd;
  const { same } = tryOperation(assessed, operation, { dataAgeMs, blind });
  if (same === undefined) return undefined;
  const text = `without what Azure says that it could not read from ${isoOf(blind.from)} to ${isoOf(blind.to)}`;
  return { kind: 'explained', by, text, decision: same.decision };
}

/** Azure said that it cannot read a metric, and had not said since that it can: without that metric it comes out. */
export function unread(odd: OddOperation, then: Decision): ActionFinding | undefined {
  const { operation } = odd;
  const { history } = odd.assessed;
  const said = history.events.findLast(
    ({ at, kind }) =>
      (kind === 'MetricFailure' || (kind === 'MetricRecovery' && at < operation.at)) &&
      at <= operation.at + minuteMs,
  );
  if (said?.kind !== 'MetricFailure' || operation.at - said.at > failureReachMs) return undefined;
  for (const missing of new Set(then.rules.map(({ metric }) => metric))) {
    const verdict = without(then, history.setting, ({ metric }) => metric === missing);
    if (!isAction(verdict, operation)) continue;
    const text = `without ${missing}: Azure said at ${isoOf(said.at)} that it cannot read a metric`;
    return { kind: 'explained', by, text, decision: then };
  }
  return undefined;
}

function blindUntil({ assessed, operation }: OddOperation): Span | undefined {
  const { events } = assessed.history;
  const recovery = events.findLastIndex(
    ({ at, kind }) =>
      kind === 'MetricRecovery' && at <= operation.at && operation.at - at <= recoveredReachMs,
  );
  const failure = events.slice(0, Math.max(0, recovery)).findLast(isFailureOrRecovery);
  const to = events[recovery]?.at;
  return to === undefined || failure?.kind !== 'MetricFailure'
    ? undefined
    : { from: failure.at, to };
}

function isFailureOrRecovery({ kind }: { readonly kind: string }): boolean {
  return kind === 'MetricFailure' || kind === 'MetricRecovery';
}
