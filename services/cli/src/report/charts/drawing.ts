import { markup } from '../markup.ts';
import type { Markup, Part } from '../markup.ts';
import { valueText } from '../words.ts';
import { drawnWidth, placeOf, shareOf, timeTicks } from './frame.ts';
import type { Frame, ValueAxis } from './frame.ts';

/** A chart before it is put together. Its height is in pixels and its width in parts, so that its letters are never stretched. */
export interface Drawing {
  readonly caption: Part;
  /** What is to be seen, for who does not see it. */
  readonly label: string;
  readonly frame: Frame;
  readonly axis: ValueAxis;
  /** Lines and areas, stretched to the width. */
  readonly shapes: Part;
  /** What lies over them and is not stretched. */
  readonly notes?: Part;
  readonly above: readonly Lane[];
  readonly below: readonly Lane[];
  readonly legend: readonly Part[];
}

/** A row above or below the values, on the same axis of time. */
export interface Lane {
  readonly height: number;
  readonly content: Part;
}

const timeHeight = 22;
const laneGap = 6;

export function drawn({ caption, label, legend, ...drawing }: Drawing): Markup {
  const { frame, above, below } = drawing;
  const top = heightOf(above) + (above.length > 0 ? laneGap : 8);
  const bottom = top + frame.height + (below.length > 0 ? laneGap : 0);
  const end = bottom + heightOf(below);
  const entries = (frame.isKeyed ? legend : []).map((entry) => markup`<li>${entry}</li>`);
  return markup`<figure class="chart${frame.isKeyed ? ' wide' : ''}"><figcaption>${caption}</figcaption>
<svg class="plot" role="img" aria-label="${label}" width="100%" height="${end + timeHeight}">
${timeLines(frame, end)}
<svg y="${top}" width="100%" height="${frame.height}">${valueLines(drawing.axis)}
<svg class="stretched" width="100%" height="${frame.height}" viewBox="0 0 ${drawnWidth} ${frame.height}" preserveAspectRatio="none">${drawing.shapes}</svg>${drawing.notes}</svg>
${stacked(above, 0)}${stacked(below, bottom)}
</svg>${entries.length > 0 ? markup`<ul class="legend">${entries}</ul>` : undefined}</figure>
`;
}

function heightOf(lanes: readonly Lane[]): number {
  return lanes.reduce((sum, { height }) => sum + height, 0);
}

function stacked(lanes: readonly Lane[], from: number): readonly Markup[] {
  let y = from;
  return lanes.map(({ height, content }) => {
    const lane = markup`<svg y="${y}" width="100%" height="${height}">${content}</svg>`;
    y += height;
    return lane;
  });
}

function timeLines(frame: Frame, end: number): readonly Markup[] {
  return timeTicks(frame).map(({ at, text }, index) => {
    const x = placeOf(frame, at);
    const share = shareOf(frame, at);
    const anchor = share < 0.03 ? 'start' : share > 0.97 ? 'end' : 'middle';
    const odd = index % 2 === 1 ? ' odd' : '';
    return markup`<line class="grid" x1="${x}" x2="${x}" y1="0" y2="${end}"/><text class="tick${odd}" x="${x}" y="${end + 16}" text-anchor="${anchor}">${text}</text>`;
  });
}

function valueLines({ ticks, y }: ValueAxis): readonly Markup[] {
  return ticks.map(
    (value) =>
      markup`<line class="grid" x1="0" x2="100%" y1="${y(value)}" y2="${y(value)}"/><text class="tick" x="-8" y="${y(value)}" dy="4" text-anchor="end">${valueText(value)}</text>`,
  );
}

/** A line as the legend shows it. */
export function lineKey(style: string, text: Part): Markup {
  return markup`<svg class="key" width="24" height="12" aria-hidden="true"><path class="${style}" d="M0,6H24"/></svg>${text}`;
}

export function areaKey(style: string, text: Part): Markup {
  return markup`<svg class="key" width="16" height="12" aria-hidden="true"><rect class="${style}" width="16" height="12"/></svg>${text}`;
}
