import type { Instant } from '@headroom/core';
import type { Assessment } from '@headroom/scenario';
import type { UnreadSetting } from '../history/histories.ts';
import { figuresOf, hurtMs, sumOf } from '../report/figures.ts';
import { headlineOf, ledeOf } from '../report/fleet/headline.ts';
import { countText } from '../report/words.ts';
import { printable } from '../text/printable.ts';
import type { Colors } from '../view/colors.ts';
import { settingLines } from './setting-lines.ts';

export interface AssessedFleet {
  readonly assessments: readonly Assessment[];
  readonly unread: readonly UnreadSetting[];
  readonly from: Instant;
  readonly to: Instant;
  /** The folder with the histories. */
  readonly data: string;
}

/** The fleet first, then each setting, those that hurt most at the top. */
export function fleetLines(fleet: AssessedFleet, colors: Colors): readonly string[] {
  const { assessments, unread, from, to, data } = fleet;
  const all = assessments.map((assessment) => ({ assessment, figures: figuresOf(assessment) }));
  all.sort((a, b) => hurtMs(b.figures) - hurtMs(a.figures));
  const figures = sumOf(all.map((one) => one.figures));
  const told = ledeOf(figures);
  const ofAll = gapsOfAll(assessments);
  return [
    colors.bold(headlineOf({ figures, from, to })),
    ...(told === '' ? [] : [told]),
    ...ofAll.map((gap) => colors.yellow(printable(`Not on record for any of them: ${gap}`))),
    '',
    ...all.flatMap(({ assessment }) => {
      const gaps = assessment.history.gaps.filter((gap) => !ofAll.includes(gap));
      return settingLines({ assessment, gaps, data }, colors);
    }),
    ...(unread.length === 0
      ? []
      : [
          `${countText(unread.length, 'setting')} cannot be read and ${unread.length === 1 ? 'was' : 'were'} left out:`,
        ]),
    ...unread.map(({ id, why }) => `  ${printable(`${id}: ${why}`)}`),
    ...(unread.length === 0 ? [] : ['']),
  ];
}

/** What all of several settings lack is told once. */
function gapsOfAll(assessments: readonly Assessment[]): readonly string[] {
  const [first, ...others] = assessments;
  if (first === undefined || others.length === 0) return [];
  return first.history.gaps.filter((gap) =>
    others.every(({ history: { gaps } }) => gaps.includes(gap)),
  );
}
