import type { Millis } from '@headroom/core';
import { curveStepAfter, line } from 'd3-shape';
import { markup } from '../markup.ts';
import type { Markup } from '../markup.ts';
import { xOf } from './frame.ts';
import type { Frame, ValueAxis } from './frame.ts';
import { envelope, stepsWithin, unbroken, within } from './point.ts';
import type { Point } from './point.ts';
import type { ProfileSpan } from './profile-spans.ts';

/** What changes at once and stays. */
export function stepPath(
  steps: readonly Point[],
  frame: Frame,
  axis: ValueAxis,
  style: string,
): Markup {
  const { from, to, columns } = frame;
  const shown = envelope(stepsWithin(steps, from, to), from, to, columns);
  const draw = pathOf(frame, axis).curve(curveStepAfter);
  return markup`<path class="line ${style}" d="${draw(shown) ?? ''}"/>`;
}

/** What was measured from time to time, with its holes. */
export function valuePath(
  points: readonly Point[],
  holeMs: Millis,
  frame: Frame,
  axis: ValueAxis,
  style: string,
): Markup {
  const { from, to, columns } = frame;
  const parts = unbroken(within(points, from, to), holeMs);
  const draw = pathOf(frame, axis);
  const paths = parts.map((part) => draw(envelope(part, from, to, columns)) ?? '');
  return markup`<path class="line ${style}" d="${paths.join('')}"/>`;
}

function pathOf(frame: Frame, axis: ValueAxis) {
  return line<Point>(
    // A step of the drawn width is less than a pixel: digits below it would be a third of the page.
    ({ at }) => Math.round(xOf(frame, at)),
    ({ value }) => axis.y(value),
  ).digits(1);
}

/** Between the bounds of the profile in force. */
export function boundsBand(spans: readonly ProfileSpan[], frame: Frame, axis: ValueAxis): Markup {
  const boxes = spans.map(({ profile: { capacity }, from, to }) => {
    const [left, right] = [xOf(frame, from), xOf(frame, to)];
    const [top, bottom] = [Math.max(0, axis.y(capacity.maximum)), axis.y(capacity.minimum)];
    return `M${left},${top}H${right}V${bottom}H${left}Z`;
  });
  return markup`<path class="band" d="${boxes.join('')}"/>`;
}

/** A dashed line at a value, as long as each of the spans. */
export function levelPath(
  spans: readonly ProfileSpan[],
  value: number,
  frame: Frame,
  axis: ValueAxis,
  style: string,
): Markup {
  const parts = spans.map(
    ({ from, to }) => `M${xOf(frame, from)},${axis.y(value)}H${xOf(frame, to)}`,
  );
  return markup`<path class="level ${style}" d="${parts.join('')}"/>`;
}
