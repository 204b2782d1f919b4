import type { Instant } from '@headroom/core';
import type { Assessment } from '@headroom/scenario';
import { markup } from '../markup.ts';
import type { Markup } from '../markup.ts';
import { timeText } from '../words.ts';
import { placeOf, shareOf } from './frame.ts';
import type { Frame } from './frame.ts';
import type { Lane } from './drawing.ts';

export const markKinds = ['unexplained', 'explained', 'reproduced', 'missed'] as const;
export type MarkKind = (typeof markKinds)[number];

export const markNames: Readonly<Record<MarkKind, string>> = {
  unexplained: 'Azure’s action, unexplained',
  explained: 'Azure’s action, explained',
  reproduced: 'Azure’s action, reproduced',
  missed: 'action of Headroom alone',
};

/** The shapes, once a page: `mark` refers to them. A shape tells what a colour tells. */
export const markShapes: Markup = markup`<svg class="shapes" width="0" height="0" aria-hidden="true"><defs>
<g id="mark-reproduced"><circle r="3.5" class="full"/></g>
<g id="mark-explained"><circle r="3.5"/><path class="full" d="M0-3.5a3.5,3.5 0 0 0 0,7z"/></g>
<g id="mark-unexplained"><path d="M-4-4l8,8M-4,4l8-8"/></g>
<g id="mark-missed"><path d="M0-4.5l4.5,4.5-4.5,4.5-4.5-4.5z"/></g>
</defs></svg>`;

interface Mark {
  readonly at: Instant;
  readonly kind: MarkKind;
  readonly text: string;
}

/** In a row for each kind that there is. */
export function markLanes({ actions, missed }: Assessment, frame: Frame): readonly Lane[] {
  const marks: readonly Mark[] = [
    ...actions.map(({ at, from, to, finding }) => ({
      at,
      kind: finding.kind,
      text: `${timeText(at)} ${from} → ${to}`,
    })),
    ...missed.map(({ at, decision: { capacity } }) => ({
      at,
      kind: 'missed' as const,
      text: `${timeText(at)} ${capacity.before ?? '?'} → ${capacity.after ?? '?'}`,
    })),
  ];
  const shown = marks.filter(({ at }) => at >= frame.from && at <= frame.to);
  return markKinds.flatMap((kind) => {
    const own = shown.filter((mark) => mark.kind === kind);
    return own.length === 0 ? [] : [laneOf(kind, own, frame)];
  });
}

const laneHeight = 14;

function laneOf(kind: MarkKind, marks: readonly Mark[], frame: Frame): Lane {
  const bins = Map.groupBy(marks, ({ at }) => Math.floor(shareOf(frame, at) / frame.markShare));
  const content = [...bins.values()].map((bin) => {
    const [first] = bin;
    return first === undefined
      ? undefined
      : markAt(kind, placeOf(frame, first.at), titleOf(kind, bin));
  });
  return { height: laneHeight, content };
}

/** Texts of one mark that are shown at most. */
const titlesMax = 3;

function titleOf(kind: MarkKind, bin: readonly Mark[]): string {
  const lines = bin.slice(0, titlesMax).map(({ text }) => text);
  const more = bin.length > titlesMax ? ` and ${bin.length - titlesMax} more` : '';
  return `${kind === 'missed' ? 'Headroom alone' : kind}: ${lines.join(', ')}${more}`;
}

function markAt(kind: MarkKind, x: string, title: string): Markup {
  return markup`<use class="mark ${kind}" href="#mark-${kind}" x="${x}" y="${laneHeight / 2}"><title>${title}</title></use>`;
}

/** As the legend shows it, and tables. */
export function markKey(kind: MarkKind): Markup {
  return markup`<svg class="key" width="12" height="12" aria-hidden="true"><use class="mark ${kind}" href="#mark-${kind}" x="6" y="6"/></svg>`;
}
