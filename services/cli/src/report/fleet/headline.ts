import { durationText, secondMs } from '@headroom/core';
import type { Instant, Millis } from '@headroom/core';
import type { Figures, ScaleOutTimes } from '../figures.ts';
import { countText, lengthText, numberText, shareText, spanText } from '../words.ts';

interface Told {
  readonly figures: Figures;
  readonly from: Instant;
  readonly to: Instant;
}

/** What was found, in one sentence. */
export function headlineOf({ figures, from, to }: Told): string {
  const { settings, actions, reproduced, explained } = figures;
  const time = lengthText(to - from);
  if (settings === 0) return 'No autoscale setting was found: there is nothing to assess.';
  if (actions === 0) {
    return `No action of Azure’s autoscale is on record for ${settings === 1 ? 'this setting' : `these ${countText(settings, 'setting')}`} in ${time}.`;
  }
  const accounted = reproduced + explained;
  const where = `on ${countText(settings, 'setting')}`;
  if (accounted === actions) {
    return `Headroom reproduces or explains everything that Azure’s autoscale did in ${time}: ${countText(actions, 'action')} ${where}.`;
  }
  return `Headroom reproduces or explains ${shareText(accounted, actions)} of what Azure’s autoscale did in ${time}: ${numberText(accounted)} of ${countText(actions, 'action')} ${where}.`;
}

/** What else one should know first. */
export function ledeOf(figures: Figures): string {
  const { heldMs, errors, missed, compared, unexplained, scaleOuts } = figures;
  const sentences = [
    ...(heldMs > 0
      ? [
          `Metrics were over a threshold for ${spanText(heldMs)} in all without anything being done.`,
        ]
      : []),
    ...(errors > 0
      ? [
          `Lint found ${countText(errors, 'error')}: parts of settings that cannot do what they say.`,
        ]
      : []),
    ...caveatSentence(figures),
    ...(unexplained > 0
      ? [
          `${countText(unexplained, 'action')} ${unexplained === 1 ? 'has' : 'have'} no explanation yet.`,
        ]
      : []),
    ...(missed > 0
      ? [
          `Headroom would have acted ${missed === 1 ? 'once' : `${numberText(missed)} times`} where Azure did not.`,
        ]
      : []),
    ...(compared === undefined
      ? []
      : [
          `From the same load, ${countText(compared.settings, 'setting')} would have taken ${numberText(compared.headroom)} instance-hours to Azure’s ${numberText(compared.azure)}.`,
        ]),
    ...(scaleOuts === undefined ? [] : [unseenText(scaleOuts)]),
  ];
  return sentences.join(' ');
}

function caveatSentence({ unconfirmed, onAzuresWord }: Figures): readonly string[] {
  const onAge = 'on an age of data that no reading of Azure’s confirms';
  const onWord = 'on Azure’s word alone';
  const [count, what] = unconfirmed > 0 ? [unconfirmed, onAge] : [onAzuresWord, onWord];
  if (count === 0) return [];
  const also =
    unconfirmed > 0 && onAzuresWord > 0 ? `, and ${numberText(onAzuresWord)} ${onWord}` : '';
  return [`${countText(count, 'explanation')} ${count === 1 ? 'rests' : 'rest'} ${what}${also}.`];
}

/** What would be gained, and by what. */
function unseenText({ count, totalMs, unseenMs }: ScaleOutTimes): string {
  const whole = durationText(roundedTo(totalMs / count, secondMs));
  const unseen = durationText(roundedTo(unseenMs / count, secondMs));
  return `A scale-out took ${whole} on average; for ${unseen} of it Azure’s engine had not seen the data yet, which is what metrics that an app pushes to Headroom save.`;
}

function roundedTo(ms: Millis, unit: Millis): Millis {
  return Math.round(ms / unit) * unit;
}
