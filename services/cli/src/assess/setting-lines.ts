import { durationText, minuteMs } from '@headroom/core';
import type { Millis, Reason } from '@headroom/core';
import type { Assessment, Explanation } from '@headroom/scenario';
import { figuresOf } from '../report/figures.ts';
import type { ComparedHours, Figures } from '../report/figures.ts';
import { timedScaleOuts } from '../report/minutes.ts';
import type { TimedScaleOut } from '../report/minutes.ts';
import { circumstancesOf } from '../report/setting/circumstances.ts';
import type { Circumstance } from '../report/setting/circumstances.ts';
import { refusalText } from '../report/refusal-text.ts';
import { heldByReason } from '../report/setting/holds.ts';
import { countText, listText, numberText, shareText, spanText, timeText } from '../report/words.ts';
import { printable } from '../text/printable.ts';
import { shortName } from '../text/target-name.ts';
import type { Colors } from '../view/colors.ts';

/** Unexplained actions that are told one by one. */
const toldMost = 3;

export interface ToldSetting {
  readonly assessment: Assessment;
  /** Those of its own. */
  readonly gaps: readonly string[];
  /** The folder with its history. */
  readonly data: string;
}

/** What was found of one setting, in a block for somebody tired. */
export function settingLines(told: ToldSetting, colors: Colors): readonly string[] {
  const { assessment, gaps } = told;
  const rows = rowsOf(told, figuresOf(assessment), colors);
  const { setting } = assessment.history;
  const name = colors.bold(printable(shortName(setting.target)));
  const own = colors.dim(printable(setting.name));
  const head = `${name}  ${own}${setting.enabled ? '' : `  ${colors.yellow('disabled')}`}`;
  return [
    head,
    ...rows.map(([what, text]) => `  ${what.padEnd(labelWidth)}${text}`),
    ...gaps.map(
      (gap) => `  ${colors.dim(printable(`${'not on record'.padEnd(labelWidth)}${gap}`))}`,
    ),
    '',
  ];
}

const labelWidth = 18;

type Row = readonly [what: string, text: string];

function rowsOf(
  { assessment, data }: ToldSetting,
  figures: Figures,
  colors: Colors,
): readonly Row[] {
  const { missed, holds } = assessment;
  return [
    ['Azure’s actions', actionsText(assessment, figures)],
    ...unexplainedRows(assessment, colors),
    ...(holds.length === 0 ? [] : [['nothing done', heldText(assessment, figures)] satisfies Row]),
    ...(missed.length === 0 ? [] : [['Headroom alone', missedText(assessment)] satisfies Row]),
    ...minutesRows(assessment),
    ...hoursRows(assessment, figures, data),
    ...lintRows(assessment, colors),
  ];
}

function actionsText({ actions, dataAgeMs }: Assessment, figures: Figures): string {
  if (actions.length === 0) return 'none';
  const { reproduced, explained, onAzuresWord, unexplained } = figures;
  const circumstances = circumstancesOf(actions);
  const onWord = circumstances.filter(({ caveat }) => caveat === 'azuresWord');
  const runAgain = circumstances.filter((one) => !onWord.includes(one));
  return [
    `${numberText(actions.length)}: ${numberText(reproduced)} reproduced (${shareText(reproduced, actions.length)})`,
    ...(runAgain.length === 0
      ? []
      : [`${numberText(explained - onAzuresWord)} explained (${whyText(runAgain)})`]),
    ...(onWord.length === 0
      ? []
      : [`${numberText(onAzuresWord)} on Azure’s word alone (${whyText(onWord)})`]),
    ...(unexplained === 0 ? [] : [`${numberText(unexplained)} unexplained`]),
    `with data ${durationText(dataAgeMs)} old`,
  ].join(', ');
}

/** `by data of another age`, or each with its number. */
function whyText(circumstances: readonly Circumstance[]): string {
  return listText(
    circumstances.map(({ actions, ...one }) =>
      circumstances.length === 1
        ? circumstanceText(one)
        : `${actions.length} ${circumstanceText(one)}`,
    ),
  );
}

function circumstanceText({ by, caveat }: Omit<Circumstance, 'actions'>): string {
  if (caveat !== 'unconfirmed') return explanations[by];
  const unread = 'data of an age that no reading confirms';
  return by === 'dataAge' ? `by ${unread}` : `${explanations[by]} and ${unread}`;
}

const explanations: Readonly<Record<Explanation, string>> = {
  dataAge: 'by data of another age',
  cooldown: 'by another cooldown',
  reading: 'by what Azure read',
  gaps: 'over gaps in the metrics',
  rounding: 'by rounding',
  metricFailure: 'by metrics that Azure could not read',
  predictive: 'by prediction',
  manualChange: 'after changes by hand',
  settingChanged: 'by another setting than now',
};

function unexplainedRows({ actions }: Assessment, colors: Colors): readonly Row[] {
  const unexplained = actions.filter(({ finding }) => finding.kind === 'unexplained');
  const more = unexplained.length - toldMost;
  return [
    ...unexplained.slice(0, toldMost).map(({ at, from, to, finding }): Row => {
      const text = finding.kind === 'unexplained' ? finding.text : '';
      return ['', colors.yellow(printable(`${timeText(at)} ${from} → ${to}: ${text}`))];
    }),
    ...(more > 0 ? [['', `and ${countText(more, 'other')}: see the report`] satisfies Row] : []),
  ];
}

function heldText({ holds }: Assessment, { heldMs }: Figures): string {
  const why = heldByReason(holds).map(
    ({ reason, heldMs: ms }) => `${spanText(ms)} ${heldTexts[reason] ?? reason}`,
  );
  return `${spanText(heldMs)} over a threshold: ${listText(why)}`;
}

/** The reasons for which a rule that fired may not scale out. */
const heldTexts: Partial<Record<Reason, string>> = {
  AtMaximum: 'at the maximum',
  Cooldown: 'cooling down',
  NotTriggered: 'at the count that the rule asks for already',
};

function missedText({ missed }: Assessment): string {
  const longest = missed.reduce((best, one) => (one.forMs > best.forMs ? one : best));
  const { before, after } = longest.decision.capacity;
  const which = `${timeText(longest.at)} ${before ?? '?'} → ${after ?? '?'} for ${durationText(longest.forMs)}`;
  return `${countText(missed.length, 'action')} that Azure did not take, the longest ${which}`;
}

function minutesRows(assessment: Assessment): readonly Row[] {
  const scaleOuts = timedScaleOuts(assessment);
  const middle = scaleOuts[scaleOuts.length >> 1];
  const worst = scaleOuts.at(-1);
  if (middle === undefined || worst === undefined) return [];
  return [['a scale-out took', `${partsText(middle)}; the worst ${durationText(worst.totalMs)}`]];
}

/** `14 min in the middle: window 5, data 1.5, …`. */
function partsText({ minutes, totalMs }: TimedScaleOut): string {
  const parts: readonly (readonly [string, Millis | undefined])[] = [
    ['window', minutes.windowMs],
    ['data age', minutes.dataAgeMs],
    ['cooldown', minutes.cooldownMs],
    ['engine', minutes.engineMs],
    ['provisioning', minutes.provisioningMs],
  ];
  const told = parts.map(
    ([name, ms]) => `${name} ${ms === undefined ? '?' : numberText(ms / minuteMs)}`,
  );
  return `${durationText(totalMs)} in the median: ${told.join(', ')} min`;
}

function hoursRows(
  { backtest, history }: Assessment,
  figures: Figures,
  data: string,
): readonly Row[] {
  const { instanceHours, compared } = figures;
  if (instanceHours === undefined) return [];
  const azure = `Azure ${numberText(compared?.azure ?? instanceHours)}`;
  if (compared === undefined) {
    const { why, advice } = refusalText(backtest, history.setting.target, data);
    return [
      ['instance-hours', printable(`${azure}; Headroom’s are not told: ${why}`)],
      ...(advice === undefined ? [] : [['', printable(advice)] satisfies Row]),
    ];
  }
  return [
    [
      'instance-hours',
      `${azure}, Headroom ${numberText(compared.headroom)} from the same load (${differenceText(compared)})`,
    ],
  ];
}

/** `+2.4 %` */
function differenceText({ azure, headroom }: ComparedHours): string {
  const percent = numberText((headroom / azure - 1) * 100);
  if (percent === '0' || percent === '-0') return 'the same';
  return `${percent.startsWith('-') ? percent : `+${percent}`} %`;
}

function lintRows({ findings }: Assessment, colors: Colors): readonly Row[] {
  return findings
    .filter(({ severity }) => severity !== 'note')
    .map(({ severity, title, rule }, place): Row => {
      const text = printable(`${severity}: ${title} (${rule})`);
      return [place === 0 ? 'lint' : '', severity === 'error' ? colors.red(text) : text];
    });
}
