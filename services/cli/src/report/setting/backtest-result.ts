import type { Assessment, BacktestRun, LoadModelUse } from '@headroom/scenario';
import { comparedHours } from '../figures.ts';
import { foreign, markup } from '../markup.ts';
import type { Markup } from '../markup.ts';
import { facts } from '../table.ts';
import { numberText, spanText, timeText } from '../words.ts';

/** The setting on its own under Headroom, or why that cannot be told. */
export function backtestResult(assessment: Assessment): Markup {
  const { backtest } = assessment;
  const content =
    backtest.kind === 'run'
      ? runResult(backtest.run, assessment)
      : markup`<p>Refused: ${backtest.why}</p>`;
  return markup`<h3>On its own, from the same load</h3>\n${content}`;
}

function runResult(
  { from, to, figures, models, assumptions }: BacktestRun,
  assessment: Assessment,
): Markup {
  const azure = comparedHours(assessment)?.azure;
  const hours = numberText(figures.instanceHours);
  return markup`${facts([
    ['Run', `${timeText(from)} to ${timeText(to)}`],
    ['Instance-hours', azure === undefined ? hours : `${hours} (Azure ${numberText(azure)})`],
    ['Scaled', `${figures.scaleOuts} out, ${figures.scaleIns} in`],
    ['Flaps', numberText(figures.flaps)],
    ['Over a threshold', spanText(figures.overThresholdMs)],
    ['Under all', spanText(figures.underThresholdMs)],
    ['At the maximum', spanText(figures.atMaximumMs)],
  ])}${modelList(models, assumptions)}`;
}

function modelList(
  models: readonly LoadModelUse[],
  assumptions: readonly string[],
): Markup | undefined {
  if (models.length + assumptions.length === 0) return undefined;
  const items = models.map(({ metric, model, heldOutError, text }) => {
    const error =
      heldOutError === undefined
        ? ''
        : `, error on held-out data ${numberText(heldOutError * 100)} %`;
    return markup`<li>${foreign(metric)} (${model}${error}): ${text}</li>`;
  });
  return markup`<p>What it rests on:</p><ul>${items}${assumptions.map((text) => markup`<li>${text}</li>`)}</ul>`;
}
