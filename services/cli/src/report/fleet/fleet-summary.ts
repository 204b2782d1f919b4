import { durationText } from '@headroom/core';
import type { Millis } from '@headroom/core';
import type { Assessment } from '@headroom/scenario';
import type { ComparedHours, Figures } from '../figures.ts';
import { markup } from '../markup.ts';
import type { Markup } from '../markup.ts';
import { minutesOf, timedScaleOuts } from '../minutes.ts';
import { facts } from '../table.ts';
import { countText, numberText, shareText, spanText } from '../words.ts';
import { shareBar } from './share-bar.ts';

/** The fleet in figures, and where the minutes of all scale-outs went. */
export function fleetSummary(assessments: readonly Assessment[], figures: Figures): Markup {
  const scaleOuts = assessments.flatMap(timedScaleOuts).sort((a, b) => a.totalMs - b.totalMs);
  const minutes = minutesOf(scaleOuts);
  return markup`<section aria-labelledby="fleet"><h2 id="fleet">The fleet</h2>
${shareBar(figures)}
${fleetFacts(assessments, figures)}
${minutes && markup`<h3>Where the minutes of scale-outs went</h3>${minutes}`}
</section>
`;
}

type Fact = [name: string, text: string];

function fleetFacts(assessments: readonly Assessment[], figures: Figures): Markup {
  const { actions, compared, instanceHours } = figures;
  const share = (part: number) =>
    actions === 0 ? '–' : `${numberText(part)} (${shareText(part, actions)})`;
  return facts([
    ['Settings', numberText(figures.settings)],
    ['Azure’s actions', numberText(actions)],
    ['Reproduced within a minute', share(figures.reproduced)],
    ['Explained', share(figures.explained)],
    ...(figures.unconfirmed === 0
      ? []
      : [['… by an age of data not confirmed', share(figures.unconfirmed)] satisfies Fact]),
    ...(figures.onAzuresWord === 0
      ? []
      : [['… on Azure’s word alone', share(figures.onAzuresWord)] satisfies Fact]),
    ['Unexplained', share(figures.unexplained)],
    ['Headroom alone', numberText(figures.missed)],
    ['Held over a threshold', spanText(figures.heldMs)],
    ['Lint', `${countText(figures.errors, 'error')}, ${countText(figures.warnings, 'warning')}`],
    [
      'Instance-hours of Azure',
      instanceHours === undefined ? 'not on record' : numberText(instanceHours),
    ],
    ...(compared === undefined ? [] : [hoursFact(compared, figures.settings)]),
    ['Age of Azure’s data', agesText(assessments.map(({ dataAgeMs }) => dataAgeMs))],
  ]);
}

function hoursFact({ azure, headroom, settings }: ComparedHours, all: number): [string, string] {
  const which = settings === all ? '' : `, ${settings} of ${all} settings`;
  return [`Azure → Headroom, same load${which}`, `${numberText(azure)} → ${numberText(headroom)}`];
}

/** `2 min (30 s to 5 min)`: the median, and from the least to the most. */
function agesText(ages: readonly Millis[]): string {
  const sorted = ages.toSorted((a, b) => a - b);
  const [least] = sorted;
  const [median, most] = [sorted[sorted.length >> 1], sorted.at(-1)];
  if (least === undefined || median === undefined || most === undefined) return '–';
  if (least === most) return durationText(median);
  return `${durationText(median)} (${durationText(least)} to ${durationText(most)})`;
}
