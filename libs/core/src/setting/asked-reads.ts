import type { Millis } from '../lang/instant.ts';
import { armTypeOf } from '../lang/target.ts';
import type { AutoscaleSetting, MetricTrigger } from './autoscale-setting.ts';

/** What a metric source is asked for so that a setting's rules can be read. */
export interface AskedRead {
  readonly resource: string;
  /** As the rule spells it; where it does not, the type of the resource in lower case. Azure takes any case. */
  readonly namespace: string;
  /** As the rule spells it. */
  readonly metric: string;
  /** The finest of the rules' grains. */
  readonly grainMs: Millis;
  /** Names of the dimensions whose values become series of their own. */
  readonly split: readonly string[];
  /** The longest of the rules' windows. */
  readonly windowMs: Millis;
}

/**
 * One read for each metric of a resource, whatever number of rules is on it. More would count it twice: samples of two grains,
 * or of a split and of the whole, are series beside each other, and a rule that filters by nothing combines all of them.
 *
 * The finest grain serves the coarser ones: Azure's grains are multiples of each other, and five minutes out of the minutes' count,
 * total, minimum and maximum are what Azure gives for five minutes.
 *
 * It is split by the dimensions that a rule filters by, and by no others. Where Azure aggregates over the instances, it gives the
 * sum of their counts and totals, the least minimum and the greatest maximum: what every `statistic` would make of the instances one by one,
 * Count included. Where a metric has no count (it is kept as an average only, `RequestLatency` is one), the average
 * counts as one value: then Min, Max and Sum see Azure's average in place of the instances', and split
 * series weigh the same in an average, however many calls each had.
 */
export function askedReads({ profiles }: AutoscaleSetting): readonly AskedRead[] {
  const reads = new Map<string, AskedRead>();
  for (const { trigger } of profiles.flatMap(({ rules }) => rules)) {
    const namespace = namespaceOf(trigger);
    const key = [trigger.resource, namespace, trigger.metricName].join('\n').toLowerCase();
    reads.set(key, withTrigger(reads.get(key) ?? firstOf(trigger, namespace), trigger));
  }
  return [...reads.values()];
}

/** The type of the resource where the rule does not say. */
function namespaceOf({ metricNamespace, resource }: MetricTrigger): string {
  return metricNamespace ?? armTypeOf(resource);
}

function firstOf(trigger: MetricTrigger, namespace: string): AskedRead {
  const { resource, metricName: metric, timeGrainMs: grainMs, timeWindowMs: windowMs } = trigger;
  return { resource, namespace, metric, grainMs, split: [], windowMs };
}

function withTrigger(read: AskedRead, trigger: MetricTrigger): AskedRead {
  const known = new Set(read.split.map((name) => name.toLowerCase()));
  const others = trigger.dimensions.filter(({ name }) => !known.has(name.toLowerCase()));
  return {
    ...read,
    grainMs: Math.min(read.grainMs, trigger.timeGrainMs),
    windowMs: Math.max(read.windowMs, trigger.timeWindowMs),
    split: [...read.split, ...new Set(others.map(({ name }) => name))],
  };
}
