import { hourMs } from '@headroom/core';
import type { Instant } from '@headroom/core';
import type { Assessment } from '@headroom/scenario';

const dayMs = 24 * hourMs;
const daysMax = 3;

/** What counts as much as an hour over a threshold, when days are chosen. */
const actionWeighsMs = hourMs;

export interface Day {
  readonly from: Instant;
  readonly to: Instant;
}

/**
 * The days of UTC that say most, in their order: with actions that nothing explains, or most time over a threshold. A month on
 * one line hides what an hour shows.
 */
export function tellingDays({ history, actions, missed, holds }: Assessment): readonly Day[] {
  const weights = new Map<number, number>();
  const add = (at: Instant, weight: number) => {
    const day = Math.floor(at / dayMs);
    weights.set(day, (weights.get(day) ?? 0) + weight);
  };
  for (const { at, finding } of actions) {
    if (finding.kind === 'unexplained') add(at, actionWeighsMs);
  }
  for (const { at } of missed) add(at, actionWeighsMs / 2);
  for (const { from, to } of holds) add(from, to - from);
  const heaviest = [...weights].sort(([, a], [, b]) => b - a).slice(0, daysMax);
  const days = heaviest.map(([day]) => day).sort((a, b) => a - b);
  // A history of a day is shown as a whole already.
  if (history.to - history.from <= dayMs) return [];
  return days.map((day) => ({
    from: (day * dayMs) as Instant,
    to: ((day + 1) * dayMs) as Instant,
  }));
}
