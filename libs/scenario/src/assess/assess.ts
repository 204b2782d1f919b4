import { defaultPolicy, durationText, isoOf, lint, minuteMs } from '@headroom/core';
import type { Millis } from '@headroom/core';
import { backtestOwn, instanceHours } from '../backtest/index.ts';
import type { TargetHistory } from '../history/target-history.ts';
import type { ActionFinding, AssessedAction, Assessment, MissedAction } from './assessment.ts';
import { AssessedHistory, matchMs } from './assessed-history.ts';
import type { AzureOperation } from './azure-operations.ts';
import { dataAgeOf } from './age-of-data.ts';
import type { DataAge } from './age-of-data.ts';
import { explainOperation } from './explain-operation.ts';
import type { OddOperation } from './odd-operation.ts';
import { directionOf, Findings } from './findings.ts';
import type { Found } from './findings.ts';
import { RuleValues } from './rule-values.ts';
import { scaleOutMinutes } from './scale-out-minutes.ts';
import { isOpen } from './trial.ts';

/** What was found for less may have come and gone between two rounds of Azure's engine. */
const missedLeastMs: Millis = 2 * minuteMs;

/** An action of Azure's so long after one that was found is the same, late. */
const lateMs: Millis = 10 * minuteMs;

/**
 * Folds what is on record of a target through the evaluator, beside what Azure did. Pure: the same history gives the same
 * assessment.
 */
export function assess(history: TargetHistory): Assessment {
  const assessed = new AssessedHistory(history);
  const values = new RuleValues(assessed);
  const age = dataAgeOf(assessed, values);
  const findings = new Findings();
  assessed.run(age, findings);
  const judged = assessed.operations.filter(({ at }) => at >= assessed.warmAt);
  const { changes } = assessed.counts;
  return {
    history: { ...history, gaps: [...history.gaps, ...ownGaps(assessed, age, judged.length)] },
    dataAgeMs: age.dataAgeMs,
    actions: actionsOf(assessed, judged, findings, age, values),
    missed: missedOf(assessed, findings),
    holds: findings.holds.toSorted((a, b) => b.to - b.from - (a.to - a.from)),
    findings: lint(history.setting, defaultPolicy, { from: history.to, path: 'poll' }),
    ...(changes.length === 0
      ? {}
      : { instanceHours: instanceHours(changes, history.from, history.to) }),
    backtest: backtestOwn({ ...history, capacities: changes }, defaultPolicy, {
      dataAgeMs: age.dataAgeMs,
    }),
  };
}

function ownGaps(
  { operations, history, counts, warmAt }: AssessedHistory,
  { isAssumed }: DataAge,
  judged: number,
): readonly string[] {
  const early = operations.length - judged;
  return [
    ...(isAssumed
      ? ['no reading or action of Azure tells how old its data was: one minute is assumed']
      : []),
    ...(early === 0
      ? []
      : [
          `${early === 1 ? '1 action' : `${early} actions`} of the first ${durationText(warmAt - history.from)} not judged: the windows behind begin before the history`,
        ]),
    ...ofEdits(history),
    ...(counts.changes.length === 0
      ? ['nobody recorded the count of instances: what would have been done cannot be told']
      : []),
  ];
}

function ofEdits({ formerProfiles = [] }: TargetHistory): readonly string[] {
  const last = formerProfiles.at(-1);
  if (last === undefined) return [];
  return [
    `the setting was edited after ${isoOf(last.at)}: actions before are judged by the bounds and rules of then too, everything else by those of now`,
  ];
}

function actionsOf(
  assessed: AssessedHistory,
  judged: readonly AzureOperation[],
  findings: Findings,
  { dataAgeMs }: DataAge,
  values: RuleValues,
): readonly AssessedAction[] {
  const actions: AssessedAction[] = [];
  let lastCooldownMs: Millis | undefined;
  judged.forEach((operation) => {
    const before = assessed.operations.findLast(({ at }) => at < operation.at);
    const odd = {
      ...{ assessed, operation, dataAgeMs },
      ...(before === undefined ? {} : { before }),
      ...(lastCooldownMs === undefined ? {} : { lastCooldownMs }),
    };
    const finding = findingOf(odd, openAt(findings.actions, operation));
    lastCooldownMs = cooldownOf(finding, values);
    actions.push(actionOf(odd, finding, values));
  });
  return actions;
}

function findingOf(odd: OddOperation, open: Found | undefined): ActionFinding {
  if (open === undefined) return explainOperation(odd);
  const { decision, since } = open;
  const laterMs = since - odd.operation.at;
  if (-laterMs <= matchMs) return { kind: 'reproduced', decision, laterMs };
  return explainOperation({ ...odd, early: open });
}

function actionOf(odd: OddOperation, finding: ActionFinding, values: RuleValues): AssessedAction {
  const { operation, before, dataAgeMs } = odd;
  const { at, from, to, endsAt, endIsTold } = operation;
  const minutes = to > from ? scaleOutMinutes(operation, before, dataAgeMs, values) : undefined;
  return {
    ...{ at, from, to, finding },
    ...(endIsTold ? { endedAt: endsAt } : {}),
    ...(minutes === undefined ? {} : { minutes }),
  };
}

/** The same action, as found when Azure began. */
function openAt(found: readonly Found[], operation: AzureOperation): Found | undefined {
  return found.find(
    (one) => one.endedBy === 'azure' && one.until === operation.at && isOpen(one, operation),
  );
}

/** Of the rule that won, in the decision that comes out as Azure's. */
function cooldownOf(finding: ActionFinding, values: RuleValues): Millis | undefined {
  const { decision } = finding;
  if (finding.kind === 'unexplained' || decision?.winner === undefined) return undefined;
  const active = values.profileAt(decision.at);
  return active?.profile.rules[decision.winner]?.action.cooldownMs;
}

/** Found for a while, and Azure neither began it then nor soon after. */
function missedOf(assessed: AssessedHistory, { actions }: Findings): readonly MissedAction[] {
  return actions.flatMap((found, place): MissedAction[] => {
    const { decision, directionSince, until, endedBy } = found;
    const next = actions[place + 1];
    // One direction is one chance, to however many counts.
    if (endedBy === 'another' && next?.directionSince === directionSince) return [];
    const forMs = until - directionSince;
    if (forMs < missedLeastMs || directionSince < assessed.warmAt) return [];
    const done = assessed.operations.some(
      (operation) =>
        directionOf(operation) === decision.outcome &&
        operation.at >= directionSince &&
        operation.at <= until + lateMs,
    );
    return done ? [] : [{ at: directionSince, forMs, decision }];
  });
}
