import { activeProfile, durationText, hourMs } from '@headroom/core';
import type { Decision, Millis } from '@headroom/core';
import type { ActionFinding, Explanation } from './assessment.ts';
import { attempts } from './attempts.ts';
import { countAt } from './counts.ts';
import { isAction } from './findings.ts';
import type { Found } from './findings.ts';
import { overlookingGaps, withAzuresReadings } from './judged-otherwise.ts';
import type { OddOperation } from './odd-operation.ts';
import { sinceRecovery, unread } from './metric-failure.ts';
import { withRulesOfThen } from './rules-of-then.ts';
import { canBeOfAge, hadReadIt, isToldOfAge } from './told-age.ts';
import { tryOperation } from './trial.ts';
import { unexplainedText } from './unexplained-text.ts';
import { withProfile } from './varied-setting.ts';

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
    return onAzuresWord('predictive', text);
  }
  const usual = tryOperation(assessed, operation, { dataAgeMs });
  if (usual.same !== undefined) return foundLater(odd, usual.same);
  const then = usual.then ?? early?.decision;
  return (
    withRulesOfThen(odd) ??
    byHand(odd) ??
    otherwise(odd) ??
    sinceRecovery(odd) ??
    (then === undefined ? undefined : readOtherwise(odd, then)) ??
    settingOfThen(odd) ??
    unexplained(odd, then)
  );
}

/** At the instant of the action, with other readings. */
function readOtherwise(odd: OddOperation, then: Decision): ActionFinding | undefined {
  return overGaps(odd, then) ?? asAzureRead(odd, then) ?? unread(odd, then);
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
  if (change === undefined || change.at > early.since) return undefined;
  if (operation.at - change.at > byHandReachMs) return undefined;
  const lateText = durationText(operation.at - change.at);
  const text = `somebody set the count to ${change.instances}, and Azure brought it back ${lateText} later`;
  return { kind: 'explained', by: 'manualChange', text, decision };
}

function otherwise(odd: OddOperation): ActionFinding | undefined {
  const isInTime = hadReadIt(odd);
  for (const { by, text, variation } of attempts(odd)) {
    const { dataAgeMs } = variation;
    if (by === 'dataAge' && isInTime) continue;
    if (dataAgeMs !== odd.dataAgeMs && !canBeOfAge(odd, dataAgeMs)) continue;
    const { same } = tryOperation(odd.assessed, odd.operation, variation);
    if (same === undefined) continue;
    const { decision } = same;
    if (dataAgeMs === odd.dataAgeMs || isToldOfAge(odd, dataAgeMs)) {
      return { kind: 'explained', by, text, decision };
    }
    const guess = `${text}; that age is not confirmed by a reading of Azure's`;
    return { kind: 'explained', by, text: guess, caveat: 'unconfirmed', decision };
  }
  return undefined;
}

/** There is nothing to run again. */
function onAzuresWord(by: Explanation, what: string): ActionFinding {
  const text = `${what}: Azure's word alone, nothing was run again`;
  return { kind: 'explained', by, text, caveat: 'azuresWord' };
}

function overGaps({ assessed, operation }: OddOperation, then: Decision) {
  const verdict = overlookingGaps(then, assessed.history.setting);
  if (verdict === undefined || !isAction(verdict, operation)) return undefined;
  const text = 'over a window that lacks a sample, which does not let Headroom scale in';
  return { kind: 'explained', by: 'gaps', text, decision: then } as const;
}

function asAzureRead(odd: OddOperation, then: Decision): ActionFinding | undefined {
  const { assessed, operation } = odd;
  const judged = withAzuresReadings(then, assessed.history, operation);
  if (judged === undefined || !isAction(judged.verdict, operation)) return undefined;
  const told = judged.read.map(
    ({ metric, theirs, ours }) =>
      `${metric} ${rounded(theirs)}, where the metrics have ${rounded(ours)}`,
  );
  const text = `with what Azure read: ${[...new Set(told)].join('; ')}`;
  return { kind: 'explained', by: 'reading', text, decision: then };
}

/** Azure names a profile that is another one's turn now, or is no more; or it went where no bounds of now lead. */
function settingOfThen(odd: OddOperation): ActionFinding | undefined {
  const { assessed, operation, dataAgeMs } = odd;
  const { setting } = assessed.history;
  const named = setting.profiles.find(({ name }) => name === operation.profile);
  const by = 'settingChanged';
  if (named !== undefined) {
    if (activeProfile(setting, operation.at)?.profile === named) return undefined;
    const variation = { dataAgeMs, setting: withProfile(setting, named) };
    const { open } = tryOperation(assessed, operation, variation);
    if (open === undefined) return undefined;
    const text = `with the profile "${named.name}", which Azure names; by the schedules of now it is not in force then`;
    return { kind: 'explained', by, text, decision: open.decision };
  }
  if (operation.profile !== undefined) {
    const text = `Azure names the profile "${operation.profile}", which the setting has no longer`;
    return onAzuresWord(by, text);
  }
  const { to } = operation;
  const isWithin = setting.profiles.some(
    ({ capacity }) => to >= capacity.minimum && to <= capacity.maximum,
  );
  if (isWithin || setting.profiles.length === 0) return undefined;
  return onAzuresWord(by, `${to} is outside the bounds of every profile of now`);
}

function unexplained(odd: OddOperation, then: Decision | undefined): ActionFinding {
  const text = unexplainedText(odd, then);
  return { kind: 'unexplained', text, ...(then === undefined ? {} : { decision: then }) };
}

function rounded(value: number | undefined): string {
  return value === undefined ? 'nothing' : String(Math.round(value * 100) / 100);
}
