import { instant } from '@headroom/core';
import type { Sample } from '@headroom/core';
import type { ComparedThreshold, CountedAction, ObservedValue } from '@headroom/scenario';
import { directionDimension, ruleDimension, sourceDimension } from './asked-of.ts';

/** Of Observed Metric Value. */
export function observedOf(sample: Sample): ObservedValue {
  const { time, count, total } = sample;
  const source = dimensionOf(sample, sourceDimension);
  return { at: instant(time), source, value: count > 0 ? total / count : total };
}

/**
 * Of Metric Threshold, which has the same value with each run of the engine. A minute with two values is one of an edit:
 * those beside it have both.
 */
export function comparedOf(samples: readonly Sample[]): readonly ComparedThreshold[] {
  const compared = new Map<string, ComparedThreshold>();
  for (const sample of samples) {
    const { minimum: value, maximum, time } = sample;
    if (value !== maximum) continue;
    const rule = dimensionOf(sample, ruleDimension);
    const key = `${value}\n${rule}`;
    const at = instant(time);
    compared.set(key, { rule, value, from: compared.get(key)?.from ?? at, to: at });
  }
  return [...compared.values()];
}

/** Of Scale Actions Initiated; nothing of a minute without an action. */
export function countedOf(sample: Sample): readonly CountedAction[] {
  const count = Math.round(sample.total);
  if (!(count > 0)) return [];
  return [{ at: instant(sample.time), direction: dimensionOf(sample, directionDimension), count }];
}

function dimensionOf({ series }: Sample, wanted: string): string {
  const name = wanted.toLowerCase();
  return series.dimensions.find((one) => one[0].toLowerCase() === name)?.[1] ?? '';
}
