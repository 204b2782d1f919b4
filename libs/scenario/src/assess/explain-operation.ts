import { durationText, hourMs, isoOf, minuteMs } from '@headroom/core';
import type { Decision, Millis, Verdict } from '@headroom/core';
import type { ActionFinding } from './assessment.ts';
import type { AssessedHistory } from './assessed-history.ts';
import { attempts } from './attempts.ts';
import type { AzureOperation } from './azure-operations.ts';
import { countAt } from './counts.ts';
import { directionOf } from './findings.ts';
import type { Found } from './findings.ts';
import { without, withAzuresReadings } from './judged-otherwise.ts';
import { tryOperation } from './trial.ts';
import { unexplainedText } from './unexplained-text.ts';
import { withProfile } from './varied-setting.ts';

/** An operation of Azure's that Headroom did not find by itself when Azure began it. */
export interface OddOperation {
  readonly assessed: AssessedHistory;
  readonly operation: AzureOperation;
  readonly before?: AzureOperation;
  /** The cooldown of the rule that won before, where that is known. */
  readonly lastCooldownMs?: Millis;
  readonly dataAgeMs: Millis;
  /** The same action, found when Azure began but long before too. */
  readonly early?: Found;
}

/** How long before an action Azure may have said that it lacks a metric. */
const failureReachMs: Millis = 24 * hourMs;

/** How late Azure may see what somebody changed by hand: see `azure-autoscale.md`, section 3. */
const byHandReachMs: Millis = hourMs;

/**
 * Why an operation of Azure's came, or came then: the first circumstances under which Headroom finds the same direction and
 * count within a minute of Azure. What no circumstances bring about is not explained.
 */
export function explainOperation(odd: OddOperation): ActionFinding {
  const { assessed, operation, dataAgeMs, early } = odd;
  if (operation.predictive) {
    const text = 'Azure says that it scaled by prediction, which Headroom does not do';
    return { kind: 'explained', by: 'predictive', text };
  }
  const usual = tryOperation(assessed, operation, { dataAgeMs });
  if (usual.same !== undefined) return foundLater(odd, usual.same);
  const then = usual.then ?? early?.decision;
  return (
    byHand(odd) ??
    otherwise(odd) ??
    (then === undefined ? undefined : (readOtherwise(odd, then) ?? unread(odd, then))) ??
    settingOfThen(odd) ??
    unexplained(odd, then)
  );
}

/** The count that Azure began with may be somebody's: then it is that which led here. */
function foundLater({ assessed, operation }: OddOperation, same: Found): ActionFinding {
  const { decision, since } = same;
  const recorded = countAt(assessed.counts.changes, operation.at);
  if (recorded === undefined || recorded === operation.from) {
    return { kind: 'reproduced', decision, laterMs: since - operation.at };
  }
  const text = `the count went from ${recorded} to ${operation.from} by hand, and Azure to ${operation.to} from there`;
  return { kind: 'explained', by: 'manualChange', text, decision };
}

/** A count outside its bounds, on record, that Azure was slow to see. */
function byHand({ assessed, operation, early }: OddOperation): ActionFinding | undefined {
  if (early === undefined || !/^(Below|Above)M/.test(early.decision.reason)) return undefined;
  const { decision } = early;
  const change = assessed.counts.byHand.findLast(({ at }) => at <= operation.at);
  if (change === undefined || operation.at - change.at > byHandReachMs) return undefined;
  const lateText = durationText(operation.at - change.at);
  const text = `somebody set the count to ${change.instances}, and Azure brought it back ${lateText} later`;
  return { kind: 'explained', by: 'manualChange', text, decision };
}

function otherwise(odd: OddOperation): ActionFinding | undefined {
  for (const { by, text, variation } of attempts(odd)) {
    const { same } = tryOperation(odd.assessed, odd.operation, variation);
    if (same !== undefined) return { kind: 'explained', by, text, decision: same.decision };
  }
  return undefined;
}

function readOtherwise(odd: OddOperation, then: Decision): ActionFinding | undefined {
  const { assessed, operation } = odd;
  const judged = withAzuresReadings(then, assessed.history, operation);
  if (judged === undefined || !isSame(judged.verdict, operation)) return undefined;
  const told = then.rules.flatMap(({ index, metric, observed }) => {
    const read = judged.values.get(index);
    if (read === undefined) return [];
    return `${metric} ${rounded(read)}, where the metrics have ${rounded(observed)}`;
  });
  const text = `with what Azure read: ${[...new Set(told)].join('; ')}`;
  return { kind: 'explained', by: 'reading', text, decision: then };
}

/** Azure said that it could not read a metric, and had not said since that it can. */
function unread(odd: OddOperation, then: Decision): ActionFinding | undefined {
  const { history } = odd.assessed;
  const { operation } = odd;
  const said = history.events.findLast(
    ({ at, kind }) =>
      (kind === 'MetricFailure' || (kind === 'MetricRecovery' && at < operation.at)) &&
      at <= operation.at + minuteMs &&
      operation.at - at <= failureReachMs,
  );
  if (said?.kind !== 'MetricFailure') return undefined;
  for (const missing of [...new Set(then.rules.map(({ metric }) => metric))]) {
    const verdict = without(then, history.setting, ({ metric }) => metric === missing);
    if (!isSame(verdict, operation)) continue;
    const text = `Azure said at ${isoOf(said.at)} that it cannot read a metric: without ${missing} it comes out`;
    return { kind: 'explained', by: 'metricFailure', text, decision: then };
  }
  return undefined;
}

/** Azure names a profile that is another one's turn now, or is no more; or it went where no bounds of now lead. */
function settingOfThen(odd: OddOperation): ActionFinding | undefined {
  const { assessed, operation, dataAgeMs } = odd;
  const { setting } = assessed.history;
  const named = setting.profiles.find(({ name }) => name === operation.profile);
  const by = 'settingChanged';
  if (named !== undefined) {
    const variation = { dataAgeMs, setting: withProfile(setting, named) };
    const { open } = tryOperation(assessed, operation, variation);
    if (open === undefined) return undefined;
    const text = `with the profile "${named.name}", which Azure names; by the schedules of now it is not in force then`;
    return { kind: 'explained', by, text, decision: open.decision };
  }
  if (operation.profile !== undefined) {
    const text = `Azure names the profile "${operation.profile}", which the setting has no longer`;
    return { kind: 'explained', by, text };
  }
  const { to } = operation;
  const isWithin = setting.profiles.some(
    ({ capacity }) => to >= capacity.minimum && to <= capacity.maximum,
  );
  if (isWithin || setting.profiles.length === 0) return undefined;
  return { kind: 'explained', by, text: `${to} is outside the bounds of every profile of now` };
}

function unexplained(odd: OddOperation, then: Decision | undefined): ActionFinding {
  const text = unexplainedText(odd, then);
  return { kind: 'unexplained', text, ...(then === undefined ? {} : { decision: then }) };
}

function isSame({ outcome, capacity }: Verdict, operation: AzureOperation): boolean {
  return outcome === directionOf(operation) && capacity.after === operation.to;
}

export function rounded(value: number | undefined): string {
  return value === undefined ? 'nothing' : String(Math.round(value * 100) / 100);
}
