import type { Instant, Millis } from '@headroom/core';

export interface Point {
  readonly at: Instant;
  readonly value: number;
}

/** Columns that a line over the width of the page is drawn in, with three points each. */
export const wideColumns = 330;
/** Of a chart a third as wide. */
export const narrowColumns = 160;

/**
 * At most three points for each of `columns` equal parts of the time: its least, its greatest and its last, in their order.
 * A line through them shows every extreme of the line through all, and leaves each column where that does.
 */
export function envelope(
  points: readonly Point[],
  from: Instant,
  to: Instant,
  columns: number,
): readonly Point[] {
  const columnOf = ({ at }: Point) => Math.floor(((at - from) / (to - from)) * columns);
  const kept: Point[] = [];
  let least: Point | undefined;
  let greatest: Point | undefined;
  let last: Point | undefined;
  const keep = () => {
    if (least === undefined || greatest === undefined || last === undefined) return;
    const [first, second] = least.at <= greatest.at ? [least, greatest] : [greatest, least];
    for (const point of [first, second, last]) if (kept.at(-1) !== point) kept.push(point);
    least = greatest = undefined;
  };
  for (const point of points) {
    if (last !== undefined && columnOf(point) !== columnOf(last)) keep();
    if (least === undefined || point.value < least.value) least = point;
    if (greatest === undefined || point.value > greatest.value) greatest = point;
    last = point;
  }
  keep();
  return kept;
}

/** Parts of a line without a hole longer than `longestMs`: nobody knows what was in it. */
export function unbroken(
  points: readonly Point[],
  longestMs: Millis,
): readonly (readonly Point[])[] {
  const parts: Point[][] = [];
  let last: Point | undefined;
  for (const point of points) {
    const part = parts.at(-1);
    if (part === undefined || last === undefined || point.at - last.at > longestMs) {
      parts.push([point]);
    } else part.push(point);
    last = point;
  }
  return parts;
}

/** The part of a line that rises in time that lies in [from, to]. */
export function within(points: readonly Point[], from: Instant, to: Instant): readonly Point[] {
  return points.filter(({ at }) => at >= from && at <= to);
}

/** Steps over [from, to]: what held when it began counts from there, and the last holds until its end. */
export function stepsWithin(steps: readonly Point[], from: Instant, to: Instant): readonly Point[] {
  const before = steps.findLast(({ at }) => at <= from);
  const inside = steps.filter(({ at }) => at > from && at < to);
  const all = before === undefined ? inside : [{ at: from, value: before.value }, ...inside];
  const last = all.at(-1);
  return last === undefined ? [] : [...all, { at: to, value: last.value }];
}
