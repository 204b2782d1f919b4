import { instant } from '@headroom/core';
import type { Instant, Millis } from '@headroom/core';

export const dayMs: Millis = 86_400_000;

/** A day of UTC, as files are named: `2026-11-28`. */
export type Day = string;

/** The days that [from, to) touches. */
export function daysOf(from: Instant, to: Instant): readonly Day[] {
  const days: Day[] = [];
  for (let at = Math.floor(from / dayMs) * dayMs; at < to; at += dayMs) days.push(dayOf(at));
  return days;
}

export function dayOf(epochMs: number): Day {
  return new Date(epochMs).toISOString().slice(0, 10);
}

export function beginOf(day: Day): Instant {
  return instant(Date.parse(`${day}T00:00:00Z`));
}

export function endOf(day: Day): Instant {
  return instant(beginOf(day) + dayMs);
}

/** Days that follow each other, at most `most` of them together. */
export function runsOf(days: readonly Day[], most: number): readonly (readonly Day[])[] {
  const runs: Day[][] = [];
  for (const day of days) {
    const run = runs.at(-1);
    const follows = run !== undefined && endOf(run.at(-1) ?? day) === beginOf(day);
    if (run !== undefined && follows && run.length < most) run.push(day);
    else runs.push([day]);
  }
  return runs;
}
