import { hourMs } from '@headroom/core';
import type { Instant } from '@headroom/core';
import { scaleLinear, scaleUtc } from 'd3-scale';
import { clockText, dayText } from '../words.ts';
import { narrowColumns, wideColumns } from './point.ts';

/** The time that a chart shows, and how large it is. */
export interface Frame {
  readonly from: Instant;
  readonly to: Instant;
  /** Of the part with the values, in pixels. The width is whatever there is. */
  readonly height: number;
  /** That lines are drawn in. */
  readonly columns: number;
  readonly ticks: number;
  /** Marks closer together than this part of the width become one. */
  readonly markShare: number;
  /** Whether it says what its lines are; one of several does not. */
  readonly isKeyed: boolean;
}

/** Lines and areas are drawn this wide, then stretched. */
export const drawnWidth = 1000;

export function wideFrame(from: Instant, to: Instant): Frame {
  return { from, to, height: 176, columns: wideColumns, ticks: 6, markShare: 0.012, isKeyed: true };
}

/** One of several side by side. */
export function narrowFrame(from: Instant, to: Instant): Frame {
  return {
    from,
    to,
    height: 96,
    columns: narrowColumns,
    ticks: 4,
    markShare: 0.03,
    isKeyed: false,
  };
}

/** Between 0 and 1. */
export function shareOf({ from, to }: Frame, at: Instant): number {
  return Math.min(1, Math.max(0, (at - from) / (to - from)));
}

/** In the drawn width. */
export function xOf(frame: Frame, at: Instant): number {
  return Math.round(shareOf(frame, at) * drawnWidth * 10) / 10;
}

/** `12.34%` of the width that there is. */
export function placeOf(frame: Frame, at: Instant): string {
  return `${Math.round(shareOf(frame, at) * 10_000) / 100}%`;
}

export interface TimeTick {
  readonly at: Instant;
  readonly text: string;
}

const clocksBelowMs = 50 * hourMs;

export function timeTicks({ from, to, ticks }: Frame): readonly TimeTick[] {
  const text = to - from < clocksBelowMs ? clockText : dayText;
  const scale = scaleUtc().domain([from, to]);
  return scale.ticks(ticks).map((date) => {
    const at = date.getTime() as Instant;
    return { at, text: text(at) };
  });
}

/** Values from bottom to top. */
export interface ValueAxis {
  readonly ticks: readonly number[];
  readonly y: (value: number) => number;
}

const valueTicks = 4;

/** Holds all of `values`, and zero where none is below it. */
export function valueAxis(
  { height }: Frame,
  values: readonly [least: number, most: number],
): ValueAxis {
  const [least, most] = values;
  const low = Math.min(0, least);
  const scale = scaleLinear()
    .domain([low, most > low ? most : low + 1])
    .nice(valueTicks)
    .range([height, 0]);
  return {
    ticks: scale.ticks(valueTicks),
    y: (value) => Math.round(scale(value) * 10) / 10,
  };
}

/** The same for what comes in whole numbers. */
export function countAxis(frame: Frame, most: number): ValueAxis {
  const axis = valueAxis(frame, [0, Math.max(2, most)]);
  return { ...axis, ticks: axis.ticks.filter(Number.isInteger) };
}
