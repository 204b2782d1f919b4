import {
  dividesPerInstance,
  metricKey,
  MetricSeries,
  minuteMs,
  RuleWindow,
  sampleEnd,
} from '@headroom/core';
import type { Instant, MetricTrigger, Rule, Sample } from '@headroom/core';
import type { CapacityChangeAt, TargetHistory } from '@headroom/scenario';
import type { Point } from './point.ts';

/** A metric as the rules of a setting see it: what one chart shows. */
export interface RuledMetric {
  /** As the rule spells it. */
  readonly name: string;
  readonly resource: string;
  readonly rules: readonly PlacedRule[];
  /** One for each way in which rules combine it. */
  readonly lines: readonly MetricLine[];
}

export interface PlacedRule {
  readonly rule: Rule;
  /** Of its profile, in the setting. */
  readonly profile: number;
}

export interface MetricLine {
  readonly trigger: MetricTrigger;
  /** What a rule would have compared with its threshold, had every sample come at its end. */
  readonly points: readonly Point[];
  /** A hole longer than this is shown as one. */
  readonly holeMs: number;
}

/** The metrics of a setting in the order of its rules. */
export function ruledMetrics(history: TargetHistory): readonly RuledMetric[] {
  const placed = history.setting.profiles.flatMap(({ rules }, profile) =>
    rules.map((rule): PlacedRule => ({ rule, profile })),
  );
  const samples = Map.groupBy(history.samples, ({ series }) =>
    metricKey(series.resource, series.metric),
  );
  const charts = Map.groupBy(placed, ({ rule }) => chartKey(rule.trigger));
  return [...charts.values()].flatMap((rules) => {
    const trigger = rules[0]?.rule.trigger;
    if (trigger === undefined) return [];
    const { metricName: name, resource } = trigger;
    const own = samples.get(metricKey(resource, name)) ?? [];
    const triggers = [...Map.groupBy(rules, ({ rule }) => lineKey(rule.trigger)).values()];
    const read = triggers.flatMap(([first]) => first?.rule.trigger ?? []);
    return [{ name, resource, rules, lines: linesOf(read, own, history.capacities) }];
  });
}

function chartKey(trigger: MetricTrigger): string {
  const { metricName, resource, dimensions } = trigger;
  const divided = dividesPerInstance(trigger);
  return JSON.stringify([metricKey(resource, metricName), dimensions, divided]);
}

function lineKey({ statistic, timeAggregation, timeGrainMs, timeWindowMs }: MetricTrigger) {
  return JSON.stringify([statistic, timeAggregation, timeGrainMs, timeWindowMs]);
}

/** Read as the evaluator reads it, whenever samples end. */
function linesOf(
  triggers: readonly MetricTrigger[],
  samples: readonly Sample[],
  capacities: readonly CapacityChangeAt[],
): readonly MetricLine[] {
  const series = new MetricSeries(triggers[0]?.resource ?? '', triggers[0]?.metricName ?? '');
  series.retentionMs = Math.max(0, ...triggers.map(({ timeWindowMs }) => timeWindowMs));
  const lines = triggers.map((trigger) => ({
    trigger,
    // Begun before any sample: what the first window lacks makes its value partial, which is shown.
    window: new RuleWindow(trigger, series, -Infinity as Instant),
    points: [] as Point[],
    instances: dividesPerInstance(trigger) ? instancesAlong(capacities) : () => 1,
  }));
  const ends = samples.map(sampleEnd);
  const ordered = samples.map((sample, index) => ({ sample, end: ends[index] ?? sample.time }));
  ordered.sort((a, b) => a.end - b.end);
  ordered.forEach(({ sample, end }, index) => {
    series.put(sample, 'poll', end);
    if (ordered[index + 1]?.end === end) return;
    for (const { window, points, instances } of lines) {
      const reading = window.read(end, 0);
      if (reading.kind !== 'value') continue;
      points.push({ at: end, value: reading.value / instances(end) });
    }
  });
  const grainMs = Math.max(minuteMs, ...samples.slice(0, 1).map((sample) => sample.grainMs));
  return lines.map(({ trigger, points }) => ({ trigger, points, holeMs: holeGrains * grainMs }));
}

/** Grains that may be absent before a line breaks: a short hole is no more than a flaw of the record. */
const holeGrains = 10;

/** How many instances there were, asked along rising times; one where nobody knows. */
function instancesAlong(capacities: readonly CapacityChangeAt[]): (at: Instant) => number {
  let next = 0;
  let instances = 1;
  return (at) => {
    for (let change = capacities[next]; change !== undefined; change = capacities[++next]) {
      if (change.at > at) break;
      instances = Math.max(1, change.instances);
    }
    return instances;
  };
}
