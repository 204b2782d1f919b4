import type { Instant } from '../lang/instant.ts';
import { minuteMs } from '../lang/instant.ts';
import type { Sample } from '../metric/sample.ts';
import type { MetricTrigger } from '../setting/autoscale-setting.ts';

/** A block of the order in which a sum is made; written out here so that a change of it is noticed. */
const blockGrains = 32;

export interface NaiveReading {
  readonly frontier: Instant;
  readonly value: number | undefined;
  readonly present: number;
  readonly samples: number;
}

interface Grain {
  samples: number;
  count: number;
  total: number;
  minimum: number;
  maximum: number;
}

/** Reads a window from all samples that ever came, word by word as SPEC.md says. `missing` after 15 minutes. */
export function naiveRead(
  came: readonly Sample[],
  trigger: MetricTrigger,
  now: Instant,
): NaiveReading | 'missing' {
  const newest = new Map<string, Sample>();
  for (const sample of came) newest.set(`${instanceOf(sample)}\n${sample.time}`, sample);
  const seen = [...newest.values()].filter((sample) => endOf(sample) <= now);
  seen.sort((a, b) => compare(instanceOf(a), instanceOf(b)) || a.time - b.time);
  const frontier = Math.max(...seen.map(endOf));
  const ageMaxMs = Math.max(15 * minuteMs, 2 * (seen[0]?.grainMs ?? 0));
  if (seen.length === 0 || now - frontier > ageMaxMs) return 'missing';
  const grains = grainsOf(seen, trigger, frontier);
  return {
    frontier: frontier as Instant,
    value: combine(grains, trigger),
    present: grains.size,
    samples: [...grains.values()].reduce((sum, grain) => sum + grain.samples, 0),
  };
}

/** By absolute index: that of the frontier's grain, less the whole grains between. */
function grainsOf(seen: readonly Sample[], trigger: MetricTrigger, frontier: number) {
  const grains = new Map<number, Grain>();
  for (const sample of seen) {
    const end = endOf(sample);
    if (end <= frontier - trigger.timeWindowMs) continue;
    const back = Math.floor((frontier - end) / trigger.timeGrainMs);
    const index = Math.floor(frontier / trigger.timeGrainMs) - back;
    const grain = grains.get(index);
    grains.set(index, {
      samples: (grain?.samples ?? 0) + 1,
      count: (grain?.count ?? 0) + sample.count,
      total: (grain?.total ?? 0) + sample.total,
      minimum: Math.min(grain?.minimum ?? Infinity, sample.minimum),
      maximum: Math.max(grain?.maximum ?? -Infinity, sample.maximum),
    });
  }
  return grains;
}

function combine(grains: ReadonlyMap<number, Grain>, trigger: MetricTrigger): number | undefined {
  const blocks = new Map<number, number[]>();
  for (const [index, grain] of [...grains].sort(([a], [b]) => a - b)) {
    const value = valueOf(grain, trigger.statistic);
    if (value === undefined) continue;
    const block = Math.floor(index / blockGrains);
    blocks.set(block, [...(blocks.get(block) ?? []), value]);
  }
  const values = [...blocks.values()].flat();
  if (values.length === 0) return undefined;
  const total = sum([...blocks.values()].map(sum));
  switch (trigger.timeAggregation) {
    case 'Average':
      return total / values.length;
    case 'Total':
      return total;
    case 'Minimum':
      return Math.min(...values);
    case 'Maximum':
      return Math.max(...values);
    case 'Count':
      return values.length;
    case 'Last':
      return values.at(-1);
  }
}

function valueOf(grain: Grain, statistic: MetricTrigger['statistic']): number | undefined {
  switch (statistic) {
    case 'Average':
      return grain.count > 0 ? grain.total / grain.count : undefined;
    case 'Sum':
      return grain.total;
    case 'Count':
      return grain.count;
    case 'Min':
      return grain.minimum;
    case 'Max':
      return grain.maximum;
  }
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

function instanceOf({ series }: Sample): string {
  return series.dimensions[0]?.[1] ?? '';
}

function endOf({ time, grainMs }: Sample): number {
  return time + grainMs;
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
