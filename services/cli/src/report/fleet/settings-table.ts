import { durationText } from '@headroom/core';
import type { Assessment } from '@headroom/scenario';
import { shortName } from '../../text/target-name.ts';
import { errorWeighsMs, unexplainedWeighsMs } from '../figures.ts';
import type { Figures } from '../figures.ts';
import { foreign, markup } from '../markup.ts';
import type { Markup, Part } from '../markup.ts';
import { table } from '../table.ts';
import { countText, numberText, shareText, spanText } from '../words.ts';
import { slimBar } from './share-bar.ts';

export interface ListedSetting {
  readonly assessment: Assessment;
  readonly figures: Figures;
  /** Of its section. */
  readonly id: string;
}

/** In the order that it is given. */
export function settingsTable(settings: readonly ListedSetting[]): Markup {
  return markup`<section aria-labelledby="settings"><h2 id="settings">Settings</h2>
${table<ListedSetting>(
  `Sorted by what hurts: time held over a threshold, with nothing done; a lint error counts as ${spanText(errorWeighsMs)} of it, an unexplained action as ${spanText(unexplainedWeighsMs)}.`,
  [
    { heading: 'Setting', cell: nameOf },
    {
      heading: 'Azure’s actions',
      cell: ({ figures }) => numberText(figures.actions),
      isNumber: true,
    },
    { heading: 'Reproduced or explained', cell: accountedFor, isNumber: true },
    {
      heading: 'Unexplained',
      cell: ({ figures }) => numberText(figures.unexplained),
      isNumber: true,
    },
    {
      heading: 'Held over a threshold',
      cell: ({ figures }) => spanText(figures.heldMs),
      isNumber: true,
    },
    { heading: 'Lint', cell: lintText },
    { heading: 'Instance-hours', cell: hoursText, isNumber: true },
    {
      heading: 'Age of data',
      cell: ({ assessment }) => durationText(assessment.dataAgeMs),
      isNumber: true,
    },
  ],
  settings,
)}</section>
`;
}

function nameOf({ assessment: { history }, id }: ListedSetting): Part {
  const { name, target } = history.setting;
  return markup`<a href="#${id}">${foreign(name)}</a><span class="quiet">${foreign(shortName(target))}</span>`;
}

function accountedFor({ figures }: ListedSetting): Part {
  const { actions, reproduced, explained } = figures;
  if (actions === 0) return '–';
  return markup`${shareText(reproduced + explained, actions)}${slimBar(figures)}`;
}

function lintText({ figures: { errors, warnings, notes } }: ListedSetting): Part {
  const found = [
    ...(errors > 0 ? [markup`<b class="error">${countText(errors, 'error')}</b>`] : []),
    ...(warnings > 0 ? [countText(warnings, 'warning')] : []),
    ...(notes > 0 ? [countText(notes, 'note')] : []),
  ];
  if (found.length === 0) return '–';
  return found.map((one, index) => (index === 0 ? one : [', ', one]));
}

function hoursText({ figures: { compared, instanceHours } }: ListedSetting): Part {
  if (compared !== undefined) {
    return `${numberText(compared.azure)} → ${numberText(compared.headroom)}`;
  }
  return instanceHours === undefined ? '–' : numberText(instanceHours);
}
