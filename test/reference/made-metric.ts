import type { Dimensions, IngestPath, Operator, Statistic, TimeAggregation } from '@headroom/core';
import { hourMs, minuteMs, secondMs } from './durations.ts';
import type { Random } from './random.ts';

/**
 * Every value is a multiple of this: 1, 2, … 16 divide it, so that the average of up to 16 counts, and every sum, is exact in
 * floating point whatever the order of adding; and so a value often equals a threshold.
 */
export const unit = 720_720;

/** Values lie in 0 … levels, in units. */
export const levels = 12;

/** A metric as its producer sends it. */
export interface MadeMetric {
  readonly resource: string;
  readonly name: string;
  readonly path: IngestPath;
  readonly grainMs: number;
  /** Dimensions of each series. */
  readonly instances: readonly Dimensions[];
  /** Most counts of a sample. */
  readonly countMost: number;
  readonly lagMs: number;
  readonly gaps: number;
  readonly late: number;
  readonly replaced: number;
  /** How often nothing was measured: a sample with a count of zero. */
  readonly empty: number;
}

export interface Place {
  readonly target: string;
  /** How long the run lasts. */
  readonly spanMs: number;
}

export function makeMetrics(random: Random, place: Place): readonly MadeMetric[] {
  const names = [
    { resource: place.target, name: 'CpuUtilizationPercentage' },
    { resource: place.target, name: 'GpuUtilizationPercentage' },
    { resource: '/subscriptions/s/endpoints/e', name: 'RequestLatency' },
    {
      resource: '/subscriptions/s/storageaccounts/a/services/queue/queues/q',
      name: 'ApproximateMessageCount',
    },
    {
      resource: '/subscriptions/s/providers/microsoft.servicebus/namespaces/n',
      name: 'ActiveMessageCount',
    },
  ] as const;
  const first = random.int(0, names.length - 1);
  return Array.from({ length: random.int(1, 3) }, (_, i) =>
    makeMetric(random, names[(first + i) % names.length]!, place.spanMs),
  );
}

function makeMetric(
  random: Random,
  name: { readonly resource: string; readonly name: string },
  spanMs: number,
): MadeMetric {
  // Long runs have coarse samples: what is read is the same, and there is less of it.
  const grains =
    spanMs > 6 * hourMs
      ? [5 * minuteMs]
      : spanMs > hourMs
        ? [minuteMs, minuteMs, minuteMs, 2 * minuteMs, 5 * minuteMs]
        : [5 * secondMs, 15 * secondMs, 30 * secondMs, minuteMs, minuteMs];
  const path = random.pick(['push', 'push', 'poll', 'export', 'test']);
  const lags = [0, 2 * secondMs, 20 * secondMs, -20 * secondMs];
  return {
    ...name,
    path,
    grainMs: random.pick(grains),
    instances: makeInstances(random),
    countMost: random.pick([1, 1, 1, 3]),
    lagMs: random.pick(path === 'push' ? lags : [...lags, minuteMs, 3 * minuteMs, 3 * minuteMs]),
    gaps: random.pick([0, 0, 0, 0.02, 0.15]),
    late: random.pick([0, 0, 0.05, 0.2]),
    replaced: random.pick([0, 0, 0.05]),
    empty: random.pick([0, 0, 0, 0.05, 0.4]),
  };
}

function makeInstances(random: Random): readonly Dimensions[] {
  if (random.chance(0.4)) return [[]];
  const ids = ['a', 'b', 'C', 'd'].slice(0, random.int(1, 4));
  if (random.chance(0.6)) return ids.map((id) => [['instanceId', id]]);
  return ids.map((id, i) => [
    ['instanceId', id],
    ['zone', i % 2 === 0 ? 'one' : 'two'],
  ]);
}

/** How a rule looks at a metric, with a threshold that its values meet now and then. */
export interface MadeView {
  readonly timeGrainMs: number;
  readonly timeWindowMs: number;
  readonly statistic: Statistic;
  readonly timeAggregation: TimeAggregation;
  readonly operator: Operator;
  readonly threshold: number;
}

export function makeView(
  random: Random,
  metric: MadeMetric,
  spanMs: number,
  divisor: number,
  high: boolean,
): MadeView {
  const timeGrainMs = Math.max(
    random.pick([minuteMs, minuteMs, minuteMs, 2 * minuteMs, 5 * minuteMs]),
    random.chance(0.03) ? minuteMs : metric.grainMs,
  );
  const timeWindowMs = makeWindow(random, timeGrainMs, spanMs);
  const samplesMost =
    Math.max(1, Math.round(timeGrainMs / metric.grainMs)) *
    metric.instances.length *
    metric.countMost;
  const statistic = random.pick<Statistic>(
    samplesMost <= 16
      ? ['Average', 'Average', 'Average', 'Average', 'Min', 'Max', 'Sum', 'Count']
      : ['Min', 'Max', 'Sum', 'Count'],
  );
  const timeAggregation = random.pick<TimeAggregation>([
    'Average',
    'Average',
    'Average',
    'Minimum',
    'Maximum',
    'Total',
    'Count',
    'Last',
  ]);
  const grains = Math.ceil(timeWindowMs / timeGrainMs);
  const level = random.int(high ? levels / 2 : 0, high ? levels : levels / 2);
  const threshold = level * scaleOf(statistic, timeAggregation, samplesMost, grains);
  const operator = makeOperator(random, high);
  return {
    timeGrainMs,
    timeWindowMs,
    statistic,
    timeAggregation,
    operator,
    threshold: threshold / divisor,
  };
}

function makeOperator(random: Random, high: boolean): Operator {
  if (random.chance(0.12)) return random.pick(['Equals', 'NotEquals']);
  const above = random.chance(0.94) === high;
  if (above) return random.pick(['GreaterThan', 'GreaterThanOrEqual']);
  return random.pick(['LessThan', 'LessThanOrEqual']);
}

function makeWindow(random: Random, timeGrainMs: number, spanMs: number): number {
  if (spanMs > 6 * hourMs) return random.pick([12 * hourMs, 12 * hourMs, hourMs, 20 * minuteMs]);
  const most = Math.min(hourMs, spanMs / 3);
  const grains = random.pick([1, 1, 2, 3, 5, 5, 10, 15, 30, 60]);
  const windowMs = Math.max(timeGrainMs, Math.min(grains * timeGrainMs, most));
  // Not every window is a multiple of its grain.
  return random.chance(0.05) ? windowMs + 30 * secondMs : windowMs;
}

/** What one level amounts to when it is looked at so. */
function scaleOf(
  statistic: Statistic,
  timeAggregation: TimeAggregation,
  samplesMost: number,
  grains: number,
): number {
  if (timeAggregation === 'Count') return Math.max(1, Math.round(grains / levels));
  const acrossGrains = timeAggregation === 'Total' ? grains : 1;
  if (statistic === 'Count') return acrossGrains * Math.max(1, Math.round(samplesMost / levels));
  return unit * acrossGrains * (statistic === 'Sum' ? samplesMost : 1);
}
