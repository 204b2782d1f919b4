import { defaultPolicy, lint } from '@headroom/core';
import type { Millis } from '@headroom/core';
import { backtestOwn, instanceHours } from '../backtest/index.ts';
import type { TargetHistory } from '../history/target-history.ts';
import type { ActionFinding, AssessedAction, Assessment, HoldSpan } from './assessment.ts';
import { AssessedHistory, matchMs } from './assessed-history.ts';
import type { AzureOperation } from './azure-operations.ts';
import { dataAgeOf } from './age-of-data.ts';
import type { DataAge } from './age-of-data.ts';
import { explainOperation } from './explain-operation.ts';
import type { OddOperation } from './odd-operation.ts';
import { Findings } from './findings.ts';
import type { Found } from './findings.ts';
import { missedActions } from './missed-actions.ts';
import { ownGaps } from './own-gaps.ts';
import { RuleValues } from './rule-values.ts';
import { scaleOutMinutes } from './scale-out-minutes.ts';
import { isOpen } from './trial.ts';

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
  const { missed, unseen } = missedActions(assessed, findings);
  return {
    history: { ...history, gaps: [...history.gaps, ...ownGaps(assessed, age, unseen.length)] },
    dataAgeMs: age.dataAgeMs,
    actions: actionsOf(assessed, judged, findings, age, values),
    missed,
    holds: holdsOf(assessed, findings),
    findings: lint(history.setting, defaultPolicy, { from: history.to, path: 'poll' }),
    ...(changes.length === 0
      ? {}
      : { instanceHours: instanceHours(changes, history.from, history.to) }),
    backtest: backtestOwn({ ...history, capacities: changes }, defaultPolicy, {
      dataAgeMs: age.dataAgeMs,
    }),
  };
}

/** The longest first; by thresholds of another time nothing is told. */
function holdsOf(assessed: AssessedHistory, { holds }: Findings): readonly HoldSpan[] {
  const told = holds.filter(({ from }) => from >= assessed.sameSince);
  return told.toSorted((a, b) => b.to - b.from - (a.to - a.from));
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
      ...{ assessed, operation, dataAgeMs, values },
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
