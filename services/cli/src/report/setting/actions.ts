import { durationText } from '@headroom/core';
import type {
  ActionFinding,
  AssessedAction,
  Assessment,
  Caveat,
  Explanation,
} from '@headroom/scenario';
import { markKey } from '../charts/action-marks.ts';
import { markup } from '../markup.ts';
import type { Markup } from '../markup.ts';
import { details, firstOf, table } from '../table.ts';
import { countText, numberText, timeText } from '../words.ts';
import { circumstancesOf, isExplained } from './circumstances.ts';
import type { Circumstance, ExplainedAction } from './circumstances.ts';
import { decisionInputs } from './decision-inputs.ts';

type UnexplainedAction = AssessedAction & {
  readonly finding: Extract<ActionFinding, { kind: 'unexplained' }>;
};

/** Rows of a table in one setting. */
const rowsMax = 100;

/** Azure's actions that nothing accounts for, with what Headroom looked at then. */
export function unexplainedActions({ actions }: Assessment): Markup | undefined {
  const unexplained = actions.filter(isUnexplained);
  if (unexplained.length === 0) return undefined;
  const { shown, more } = firstOf(unexplained, rowsMax);
  return markup`<h3>${markKey('unexplained')} Unexplained actions (${numberText(unexplained.length)})</h3>
${table(
  'Azure acted, and Headroom finds no reason in what is on record.',
  [
    { heading: 'When', cell: ({ at }) => timeText(at) },
    { heading: 'Azure', cell: movedText },
    {
      heading: 'What is missing',
      cell: ({ finding }) => markup`<p>${finding.text}</p>${decisionInputs(finding.decision)}`,
    },
  ],
  shown,
)}${more}`;
}

/** Those that come out under a stated circumstance, by circumstance. */
export function explainedActions({ actions }: Assessment): Markup | undefined {
  const explained = actions.filter(isExplained);
  if (explained.length === 0) return undefined;
  return markup`<h3>${markKey('explained')} Explained actions (${numberText(explained.length)})</h3>
${table<Circumstance>(
  'Not found with the usual inputs; run again under these circumstances, the same direction and count come out. What is Azure’s word alone could not be run again.',
  [
    { heading: 'Why Azure acted otherwise', cell: circumstanceText },
    { heading: 'Actions', cell: ({ actions: own }) => numberText(own.length), isNumber: true },
    { heading: 'Which', cell: ({ actions: own }) => listed(own) },
  ],
  circumstancesOf(actions),
)}`;
}

export const explanationTexts: Readonly<Record<Explanation, string>> = {
  dataAge: 'its data was older or younger than usual',
  cooldown: 'its cooldown was counted otherwise',
  reading: 'it read other values than the metrics have now',
  gaps: 'it took a window with gaps for whole',
  rounding: 'it rounded a percentage the other way',
  metricFailure: 'it could not read a metric that is there now',
  predictive: 'predictive autoscale acted, which Headroom does not do',
  manualChange: 'somebody had changed the count, and it was brought back into its bounds',
  settingChanged: 'the setting was another one then',
};

function circumstanceText({ by, caveat }: Circumstance): string {
  return `${explanationTexts[by]}${caveat === undefined ? '' : caveatTexts[caveat]}`;
}

const caveatTexts: Readonly<Record<Caveat, string>> = {
  unconfirmed: ', with data of an age that no reading of Azure’s confirms',
  azuresWord: ': Azure’s word alone',
};

function listed(actions: readonly ExplainedAction[]): Markup {
  const { shown, more } = firstOf(actions, rowsMax);
  const items = shown.map(
    (action) =>
      markup`<li><b>${timeText(action.at)}</b> ${movedText(action)}: ${action.finding.text}</li>`,
  );
  return details(countText(actions.length, 'action'), markup`<ul>${items}</ul>${more}`);
}

/** Where Headroom alone would have acted. */
export function missedActions({ missed }: Assessment): Markup | undefined {
  if (missed.length === 0) return undefined;
  const { shown, more } = firstOf(missed, rowsMax);
  return markup`<h3>${markKey('missed')} Headroom would have acted, Azure did not (${numberText(missed.length)})</h3>
${table(
  'On the capacity that Azure had then.',
  [
    { heading: 'When', cell: ({ at }) => timeText(at) },
    {
      heading: 'Headroom',
      cell: ({ decision: { capacity } }) => `${capacity.before ?? '?'} → ${capacity.after ?? '?'}`,
    },
    { heading: 'Found for', cell: ({ forMs }) => durationText(forMs) },
    { heading: 'Why', cell: ({ decision }) => decisionInputs(decision) },
  ],
  shown,
)}${more}`;
}

function movedText({ from, to }: AssessedAction): string {
  return `${from} → ${to}`;
}

function isUnexplained(action: AssessedAction): action is UnexplainedAction {
  return action.finding.kind === 'unexplained';
}
