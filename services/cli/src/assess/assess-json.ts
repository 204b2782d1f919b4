import type { AssessedAction, Assessment } from '@headroom/scenario';
import { figuresOf, sumOf } from '../report/figures.ts';
import { withIsoTimes } from '../text/iso-times.ts';
import type { AssessedFleet } from './fleet-lines.ts';

/**
 * What was found, for programs: as in the report, without samples. Instants are ISO 8601, lengths milliseconds. Decisions are
 * as the audit log has them; of actions that are reproduced only the reason is kept, for there may be tens of thousands.
 */
export function assessJson(
  fleet: AssessedFleet,
  about: { readonly subscription: string; readonly resourceGroup?: string },
): string {
  const { assessments, unread, from, to } = fleet;
  const document = {
    ...about,
    from,
    to,
    figures: sumOf(assessments.map(figuresOf)),
    settings: assessments.map(settingOf),
    unread,
  };
  return `${JSON.stringify(document, withIsoTimes, 1)}\n`;
}

function settingOf(assessment: Assessment) {
  const { history, backtest, actions, ...found } = assessment;
  const { settingId: id, setting, from, to, gaps, capacities } = history;
  const own =
    backtest.kind === 'refused'
      ? backtest
      : { kind: backtest.kind, figures: backtest.run.figures, models: backtest.run.models };
  const { name, target } = setting;
  return {
    ...{ id, name, target, from, to },
    figures: figuresOf(assessment),
    ...found,
    actions: actions.map(actionOf),
    backtest: own,
    ...{ gaps, capacities },
  };
}

function actionOf({ finding, ...action }: AssessedAction) {
  if (finding.kind !== 'reproduced') return { ...action, finding };
  const { decision, ...rest } = finding;
  return { ...action, finding: { ...rest, reason: decision.reason, profile: decision.profile } };
}
