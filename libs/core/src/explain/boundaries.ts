import type { DecideInput } from '../decision/decide-input.ts';
import type { Judgement } from '../decision/judgement.ts';

/** Most counts that a scale-in is looked at for, from the current one down. */
const countsMax = 1_000;

/** Most changes of one thing that are run before it is said that none flips. */
export const trialsMax = 20_000;

/** The counts that a scale-in can end at: where a projection may reach a threshold. */
export function lowerCounts({ active }: DecideInput, { before }: Judgement): readonly number[] {
  if (active === undefined || before === undefined) return [];
  const lowest = Math.max(active.profile.capacity.minimum, before - countsMax);
  return Array.from({ length: Math.max(0, before - lowest) }, (_, index) => lowest + index);
}

/** The different ones, the nearest to `from` first. */
export function nearestFirst(candidates: Iterable<number>, from: number): readonly number[] {
  return [...new Set(candidates)]
    .filter((value) => value !== from)
    .sort((a, b) => Math.abs(a - from) - Math.abs(b - from))
    .slice(0, trialsMax);
}

/** Relative to the greater of both; tiny where both are nothing. */
export function relative(change: number, value: number, threshold: number): number {
  return Math.abs(change) / Math.max(Math.abs(value), Math.abs(threshold), Number.MIN_VALUE);
}
