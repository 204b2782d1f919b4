import { minuteMs } from './durations.ts';
import type { HeardSample } from './history.ts';
import type { DimensionFilter, Reading, Trigger } from './plain.ts';

/**
 * Step 5, for one rule. `samples`: all that were heard of its metric since it was asked for. `lastGoodMs`: 0, or how old the
 * newest sample may be by the policy `lastGood`.
 */
export function readWindow(
  trigger: Trigger,
  samples: readonly HeardSample[],
  askedSince: number,
  now: number,
  lastGoodMs: number,
): Reading {
  const seen = samples.filter((sample) => sample.end <= now && isOfRule(sample, trigger));
  const newest = newestOf(seen);
  const maxDataAgeMs = newest === undefined ? 5 * minuteMs : maxDataAgeOf(newest.path);
  const stillWarming = now < askedSince + trigger.timeWindowMs + maxDataAgeMs;
  const absent: Reading = { kind: stillWarming ? 'warming' : 'missing' };
  if (newest === undefined) return absent;
  const frontier = newest.end;
  const ageMs = now - frontier;
  const tooOld = ageMs > Math.max(maxDataAgeMs, 2 * newest.grainMs);
  if (tooOld && ageMs > lastGoodMs) return absent;
  const reading = valueOf(trigger, seen, frontier, tooOld);
  const begin = frontier - trigger.timeWindowMs;
  if (begin >= askedSince) return reading;
  if (tooOld) return absent;
  const isWhole = reading.kind === 'value' && reading.completeness === 'complete';
  const covers = seen.some(({ end, grainMs }) => end > begin && end - grainMs <= begin);
  return isWhole && covers ? reading : { kind: 'warming' };
}

/** By the path that the newest sample came on. */
function maxDataAgeOf(path: string): number {
  if (path === 'push') return minuteMs;
  if (path === 'export') return 15 * minuteMs;
  return 5 * minuteMs;
}

function newestOf(samples: readonly HeardSample[]): HeardSample | undefined {
  let newest: HeardSample | undefined;
  for (const sample of samples) {
    if (newest === undefined || sample.end > newest.end) newest = sample;
  }
  return newest;
}

/** A sample coarser than the rule's grain is not used. */
function isOfRule(sample: HeardSample, trigger: Trigger): boolean {
  if (sample.grainMs > trigger.timeGrainMs) return false;
  return trigger.dimensions.every((filter) => passes(sample, filter));
}

/** Equals: any of the values. NotEquals: none of them. A dimension that the series lacks equals nothing. */
function passes(sample: HeardSample, filter: DimensionFilter): boolean {
  const own = sample.dimensions.find(([name]) => name.toLowerCase() === filter.name.toLowerCase());
  const equals =
    own !== undefined &&
    filter.values.some((value) => value.toLowerCase() === own[1].toLowerCase());
  return filter.operator === 'Equals' ? equals : !equals;
}

interface Grain {
  readonly count: number;
  readonly total: number;
  readonly minimum: number;
  readonly maximum: number;
}

/** Grains are counted back from the frontier; a sample belongs to the grain, and the window, in which it ends. */
function valueOf(
  trigger: Trigger,
  seen: readonly HeardSample[],
  frontier: number,
  tooOld: boolean,
): Reading {
  const { timeGrainMs, timeWindowMs } = trigger;
  const grains: (Grain | undefined)[] = [];
  for (let i = 0; i < Math.ceil(timeWindowMs / timeGrainMs); i++) grains.push(undefined);
  let samples = 0;
  for (const sample of seen) {
    if (sample.end <= frontier - timeWindowMs) continue;
    samples++;
    const place = Math.floor((frontier - sample.end) / timeGrainMs);
    grains[place] = withSample(grains[place], sample);
  }
  const present = grains.filter((grain) => grain !== undefined);
  const oldestFirst = present.toReversed().flatMap((grain) => acrossInstances(grain, trigger));
  const value = acrossGrains(oldestFirst, trigger);
  if (value === undefined) return { kind: 'missing' };
  const whole = present.length === grains.length ? 'complete' : 'partial';
  return { kind: 'value', completeness: tooOld ? 'lastGood' : whole, value, samples, frontier };
}

function withSample(grain: Grain | undefined, sample: HeardSample): Grain {
  const { count, total, minimum, maximum } = sample;
  if (grain === undefined) return { count, total, minimum, maximum };
  return {
    count: grain.count + count,
    total: grain.total + total,
    minimum: Math.min(grain.minimum, minimum),
    maximum: Math.max(grain.maximum, maximum),
  };
}

/** One value, or none: no measurements have no average. */
function acrossInstances(grain: Grain, { statistic }: Trigger): readonly number[] {
  switch (statistic) {
    case 'Average':
      return grain.count === 0 ? [] : [grain.total / grain.count];
    case 'Sum':
      return [grain.total];
    case 'Count':
      return [grain.count];
    case 'Min':
      return [grain.minimum];
    case 'Max':
      return [grain.maximum];
  }
}

/** Unweighted: a grain that has a value counts once, however many samples it holds. */
function acrossGrains(values: readonly number[], { timeAggregation }: Trigger): number | undefined {
  if (values.length === 0) return undefined;
  const total = values.reduce((sum, value) => sum + value, 0);
  switch (timeAggregation) {
    case 'Average':
      return total / values.length;
    case 'Total':
      return total;
    case 'Count':
      return values.length;
    case 'Minimum':
      return Math.min(...values);
    case 'Maximum':
      return Math.max(...values);
    case 'Last':
      return values.at(-1);
  }
}
