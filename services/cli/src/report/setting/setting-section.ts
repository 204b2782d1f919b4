import { durationText } from '@headroom/core';
import type { Assessment } from '@headroom/scenario';
import { shortName } from '../../text/target-name.ts';
import { charted } from '../charts/charted.ts';
import type { Charted } from '../charts/charted.ts';
import { capacityChart } from '../charts/capacity-chart.ts';
import { narrowFrame, wideFrame } from '../charts/frame.ts';
import type { Frame } from '../charts/frame.ts';
import { metricChart } from '../charts/metric-chart.ts';
import type { Figures } from '../figures.ts';
import { foreign, markup } from '../markup.ts';
import type { Markup } from '../markup.ts';
import { minutesOf, timedScaleOuts } from '../minutes.ts';
import { facts } from '../table.ts';
import { dateText, dayText, lengthText, numberText, shareText, spanText } from '../words.ts';
import { dayByDay } from './day-by-day.ts';
import { explainedActions, missedActions, unexplainedActions } from './actions.ts';
import { backtestResult } from './backtest-result.ts';
import { holdsThatHurt } from './holds.ts';
import { lintFindings } from './lint-findings.ts';
import { tellingDays } from './telling-days.ts';
import type { Day } from './telling-days.ts';
import { isEmpty, verdictOf } from './verdict.ts';

/** Everything about one setting, in the order in which one asks. */
export function settingSection(assessment: Assessment, figures: Figures, id: string): Markup {
  const { history } = assessment;
  return markup`<section class="setting" id="${id}" aria-labelledby="${id}-name">
<h2 id="${id}-name">${foreign(history.setting.name)}</h2>
<p class="target">scales ${foreign(shortName(history.setting.target))} <code>${foreign(history.setting.target)}</code></p>
<p class="verdict">${verdictOf(assessment, figures)}</p>
${isEmpty(assessment) ? undefined : factsOf(assessment, figures)}
${isEmpty(assessment) ? undefined : chartsOf(assessment)}
${unexplainedActions(assessment)}${explainedActions(assessment)}${missedActions(assessment)}
${holdsThatHurt(assessment)}${scaleOutMinutes(assessment)}${lintFindings(assessment)}
${backtestResult(assessment)}${gapList(assessment)}
<p class="back"><a href="#settings">All settings</a></p>
</section>
`;
}

function factsOf(assessment: Assessment, figures: Figures): Markup {
  const { actions, reproduced, explained, unexplained, missed, heldMs, instanceHours } = figures;
  const share = actions === 0 ? '' : ` (${shareText(reproduced + explained, actions)})`;
  const { from, to } = assessment.history;
  return facts([
    ['Time', `${dayText(from)} to ${dateText(to)}`],
    ['Azure’s actions', numberText(actions)],
    ['Reproduced or explained', `${numberText(reproduced)} + ${numberText(explained)}${share}`],
    ['Unexplained', numberText(unexplained)],
    ['Headroom alone', numberText(missed)],
    ['Held over a threshold', spanText(heldMs)],
    ['Instance-hours', instanceHours === undefined ? 'not on record' : numberText(instanceHours)],
    ['Age of Azure’s data', durationText(assessment.dataAgeMs)],
  ]);
}

function chartsOf(assessment: Assessment): Markup {
  const { from, to } = assessment.history;
  const all = charted(assessment);
  const days = tellingDays(assessment).map((day) => dayOf(day, all));
  const heading =
    days.length === 1 ? 'The day that says most' : `The ${days.length} days that say most`;
  return markup`<h3>Over ${lengthText(to - from)}</h3>
${chartsIn(wideFrame(from, to), all)}
${dayByDay(all)}
${days.length > 0 ? markup`<h3>${heading}</h3><div class="days">${days}</div>` : undefined}`;
}

function dayOf({ from, to }: Day, all: Charted): Markup {
  const rows = chartsIn(narrowFrame(from, to), all);
  return markup`<section class="day" style="grid-row:span ${rows.length + 1}" aria-label="${dateText(from)}"><h4>${dateText(from)}</h4>
${rows}</section>`;
}

function chartsIn(frame: Frame, all: Charted): readonly Markup[] {
  return [
    capacityChart(all, frame),
    ...all.metrics.map((metric) => metricChart(metric, all, frame)),
  ];
}

function scaleOutMinutes(assessment: Assessment): Markup | undefined {
  const minutes = minutesOf(timedScaleOuts(assessment));
  return minutes && markup`<h3>Where the minutes of scale-outs went</h3>${minutes}`;
}

function gapList({ history: { gaps } }: Assessment): Markup | undefined {
  if (gaps.length === 0) return undefined;
  const items = gaps.map((gap) => markup`<li>${gap}</li>`);
  return markup`<h3>What could not be had</h3><ul>${items}</ul>`;
}
