import type { Instant, Millis } from '@headroom/core';
import type { HoldSpan } from '@headroom/scenario';
import { markup } from '../markup.ts';
import type { Markup } from '../markup.ts';
import { spanText, timeText } from '../words.ts';
import { drawnWidth, placeOf, shareOf, xOf } from './frame.ts';
import type { Frame } from './frame.ts';
import type { Lane } from './drawing.ts';

/** Spans of one reason that are drawn as one: nothing could be seen between them. */
interface DrawnSpan {
  readonly from: Instant;
  readonly to: Instant;
  readonly spans: number;
  readonly heldMs: Millis;
}

export function holdsWithin(holds: readonly HoldSpan[], { from, to }: Frame): readonly HoldSpan[] {
  return holds.filter((hold) => hold.to > from && hold.from < to);
}

/** The time over a threshold in which nothing was done, behind the values. */
export function holdShade(holds: readonly HoldSpan[], frame: Frame): Markup {
  const boxes = drawnSpans(holds, frame).map(({ from, to }) => {
    const left = xOf(frame, from);
    const right = Math.min(drawnWidth, Math.max(xOf(frame, to), left + narrowest * drawnWidth));
    return `M${left},0H${right}V${frame.height}H${left}Z`;
  });
  return markup`<path class="shade" d="${boxes.join('')}"/>`;
}

const laneHeight = 28;
/** As a part of the width: a minute in a month has to be seen. */
const narrowest = 0.002;

/** Why nothing was done, in a row for each reason; the one with most time first. */
export function holdLanes(holds: readonly HoldSpan[], frame: Frame): readonly Lane[] {
  const byReason = [...Map.groupBy(holds, ({ reason }) => reason)];
  const lanes = byReason.map(([reason, own]) => ({ reason, own, heldMs: heldOf(own) }));
  lanes.sort((a, b) => b.heldMs - a.heldMs);
  return lanes.map(({ reason, own, heldMs }) => ({
    height: laneHeight,
    content: [
      markup`<text class="reason" x="0" y="11">${reason}, ${spanText(heldMs)}</text>`,
      markup`<svg class="held" y="15" width="100%" height="8">${drawnSpans(own, frame).map((span) => bar(span, frame))}</svg>`,
    ],
  }));
}

function heldOf(holds: readonly HoldSpan[]): Millis {
  return holds.reduce((sum, { from, to }) => sum + to - from, 0);
}

function bar({ from, to, spans, heldMs }: DrawnSpan, frame: Frame): Markup {
  const width = Math.max(narrowest, shareOf(frame, to) - shareOf(frame, from));
  const more = spans > 1 ? `, ${spans} spans` : '';
  return markup`<rect x="${placeOf(frame, from)}" width="${Math.round(width * 10_000) / 100}%" height="8"><title>${timeText(from)}, ${spanText(heldMs)}${more}</title></rect>`;
}

/** In the order of time; what lies within one column becomes one. */
function drawnSpans(holds: readonly HoldSpan[], frame: Frame): readonly DrawnSpan[] {
  const columnMs = (frame.to - frame.from) / frame.columns;
  const drawn: DrawnSpan[] = [];
  for (const { from, to } of holds.toSorted((a, b) => a.from - b.from)) {
    const last = drawn.at(-1);
    const isNear = last !== undefined && from - last.to < columnMs;
    if (isNear) {
      const end = Math.max(last.to, to) as Instant;
      const heldMs = last.heldMs + to - from;
      drawn[drawn.length - 1] = { from: last.from, to: end, spans: last.spans + 1, heldMs };
    } else drawn.push({ from, to, spans: 1, heldMs: to - from });
  }
  return drawn;
}
