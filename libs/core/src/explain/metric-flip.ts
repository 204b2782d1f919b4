import type { DecideInput } from '../decision/decide-input.ts';
import type { Judgement } from '../decision/judgement.ts';
import type { RuleView } from '../decision/rule-view.ts';
import type { ValueReading } from '../evaluation/reading.ts';
import type { MetricTrigger } from '../setting/autoscale-setting.ts';
import { metricKey } from '../setting/metric-keys.ts';
import { dividesPerInstance } from '../setting/per-instance.ts';
import { lowerCounts, nearestFirst, relative } from './boundaries.ts';
import { sameAlternative } from './trials.ts';
import type { Trials } from './trials.ts';
import type { Alternative, MetricFlip } from './flip.ts';
import { around, tidyBeyond } from './tidy-number.ts';

/** The smallest change of the value of one metric, if any flips. */
export function metricFlip(
  input: DecideInput,
  before: Judgement,
  trials: Trials,
): MetricFlip | undefined {
  const counts = lowerCounts(input, before);
  let nearest: MetricFlip | undefined;
  for (const shared of sharedMetrics(before)) {
    const flip = flipOf(shared, input, before, counts, trials);
    if (flip !== undefined && flip.distance < (nearest?.distance ?? Infinity)) nearest = flip;
  }
  return nearest;
}

/** The rules that read one metric in one way: another value of it is another value for each of them. */
interface SharedMetric {
  readonly trigger: MetricTrigger;
  readonly value: number;
  readonly views: readonly RuleView[];
}

function sharedMetrics({ rules }: Judgement): readonly SharedMetric[] {
  const groups = Map.groupBy(rules.filter(hasValue), ({ rule }) => readingKey(rule.trigger));
  return [...groups.values()].flatMap((views) => {
    const [first] = views;
    return first === undefined
      ? []
      : [{ trigger: first.rule.trigger, value: first.reading.value, views }];
  });
}

function hasValue(view: RuleView): view is RuleView & { readonly reading: ValueReading } {
  return view.reading.kind === 'value';
}

/** What a reading depends on. */
export function readingKey(trigger: MetricTrigger): string {
  const { timeGrainMs, timeWindowMs, statistic, timeAggregation, dimensions } = trigger;
  const metric = metricKey(trigger.resource, trigger.metricName);
  return JSON.stringify([
    metric,
    timeGrainMs,
    timeWindowMs,
    statistic,
    timeAggregation,
    dimensions,
  ]);
}

function flipOf(
  { trigger, value: from, views }: SharedMetric,
  input: DecideInput,
  before: Judgement,
  counts: readonly number[],
  trials: Trials,
): MetricFlip | undefined {
  const indexes = new Set(views.map(({ index }) => index));
  const run = (value: number) => trials.otherwise(withValue(input, indexes, value));
  const edges = views.flatMap((view) => edgesOf(view, before.before ?? 0, counts));
  const found = firstFlip(edges.flatMap(around), from, run);
  if (found === undefined) return undefined;
  const to = tidyBeyond(from, found.to, (value) => sameAlternative(found.becomes, run(value)));
  const nearest = nearestFirst(edges, found.to)[0] ?? found.to;
  return {
    kind: 'metric',
    metric: trigger.metricName,
    resource: trigger.resource,
    dimensions: trigger.dimensions,
    windowMs: trigger.timeWindowMs,
    rules: [...indexes],
    from,
    to,
    distance: relative(to - from, from, nearest),
    becomes: found.becomes,
  };
}

/** The first of `candidates`, the nearest to `from` first, that is decided otherwise. */
export function firstFlip(
  candidates: readonly number[],
  from: number,
  run: (value: number) => Alternative | undefined,
): { readonly to: number; readonly becomes: Alternative } | undefined {
  for (const to of nearestFirst(candidates, from)) {
    const becomes = run(to);
    if (becomes !== undefined) return { to, becomes };
  }
  return undefined;
}

/** Where the value meets the rule's threshold, itself or projected to fewer instances; in the metric's own unit. */
function edgesOf({ rule }: RuleView, current: number, counts: readonly number[]): number[] {
  const { trigger } = rule;
  const atThreshold = trigger.threshold * (dividesPerInstance(trigger) ? current : 1);
  if (rule.action.direction === 'Decrease') return [atThreshold];
  return [atThreshold, ...counts.map((count) => (atThreshold * count) / current)];
}

function withValue(input: DecideInput, indexes: ReadonlySet<number>, value: number): DecideInput {
  return {
    ...input,
    read: (rule, index, lastGoodMs) => {
      const reading = input.read(rule, index, lastGoodMs);
      return reading.kind === 'value' && indexes.has(index) ? { ...reading, value } : reading;
    },
  };
}
