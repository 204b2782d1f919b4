import { unitOf } from '@headroom/core';
import type { Assessment } from '@headroom/scenario';
import type { Figures } from '../figures.ts';
import { countText, listText, numberText, spanText } from '../words.ts';
import { heldByReason } from './holds.ts';

/** What came of it, in plain words: what Azure did, what it did not, what is wrong with the setting, what it costs. */
export function verdictOf(assessment: Assessment, figures: Figures): string {
  const { history } = assessment;
  const sentences = [
    history.setting.enabled ? undefined : 'The setting is switched off.',
    isEmpty(assessment)
      ? 'Nothing is on record of it, so there was nothing to assess.'
      : actionsSentence(figures),
    missedSentence(assessment, figures),
    holdsSentence(assessment, figures),
    lintSentence(figures),
    hoursSentence(assessment, figures),
  ];
  return sentences.filter((sentence) => sentence !== undefined).join(' ');
}

export function isEmpty({ history }: Assessment): boolean {
  const { samples, capacities, events } = history;
  return samples.length === 0 && capacities.length === 0 && events.length === 0;
}

function actionsSentence({ actions, reproduced, explained, unexplained }: Figures): string {
  if (actions === 0) return 'Azure did not scale it.';
  if (reproduced === actions) return `Headroom does ${allOf(actions)}.`;
  const found = [
    `reproduces ${numberText(reproduced)} of Azure’s ${countText(actions, 'action')} within a minute`,
    ...(explained > 0 ? [`explains ${numberText(explained)} more`] : []),
  ];
  const open =
    unexplained === 0
      ? 'none is left open'
      : `${numberText(unexplained)} ${isOrAre(unexplained)} unexplained`;
  return `Headroom ${listText(found)}; ${open}.`;
}

function allOf(actions: number): string {
  return actions === 1
    ? 'the one thing that Azure did, within a minute'
    : `all that Azure did: ${countText(actions, 'action')}, each within a minute`;
}

function isOrAre(count: number): string {
  return count === 1 ? 'is' : 'are';
}

function missedSentence({ missed }: Assessment, { actions }: Figures): string | undefined {
  if (missed.length === 0) return undefined;
  const times = missed.length === 1 ? 'once' : `${numberText(missed.length)} times`;
  return `It would have acted ${times} where Azure did not${actions === 0 ? ' act at all' : ''}.`;
}

function holdsSentence({ holds }: Assessment, { heldMs }: Figures): string | undefined {
  const [worst, ...others] = heldByReason(holds);
  if (worst === undefined) return undefined;
  const part = others.length === 0 ? 'all of it' : `${spanText(worst.heldMs)} of it`;
  return `For ${spanText(heldMs)} a metric was over a threshold for scaling out and nothing was done, ${part} for ${worst.reason}.`;
}

function lintSentence({ errors, warnings }: Figures): string | undefined {
  const found = [
    ...(errors > 0 ? [countText(errors, 'error')] : []),
    ...(warnings > 0 ? [countText(warnings, 'warning')] : []),
  ];
  return found.length === 0 ? undefined : `Lint found ${listText(found)}.`;
}

function hoursSentence(
  { history, backtest }: Assessment,
  { compared }: Figures,
): string | undefined {
  if (backtest.kind === 'refused') return undefined;
  const { one } = unitOf(history.setting.target);
  const headroom = numberText(backtest.run.figures.instanceHours);
  const azure = compared === undefined ? '' : ` to Azure’s ${numberText(compared.azure)}`;
  return `From the same load it would have taken ${headroom} ${one}-hours${azure}.`;
}
