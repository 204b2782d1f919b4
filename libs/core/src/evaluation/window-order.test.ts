import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { instant, minuteMs, secondMs } from '../lang/instant.ts';
import type { Instant, Millis } from '../lang/instant.ts';
import { rule } from '../decision/decide.fixture.ts';
import type { Sample } from '../metric/sample.ts';
import { statistics, timeAggregations } from '../setting/autoscale-setting.ts';
import type { MetricTrigger } from '../setting/autoscale-setting.ts';
import { MetricSeries } from './metric-series.ts';
import { naiveRead } from './naive-window.fixture.ts';
import type { Reading } from './reading.ts';
import { RuleWindow } from './rule-window.ts';

const begin = Date.UTC(2026, 0, 5);
const longAgo = instant(0);

interface Arrival {
  readonly instance: string;
  /** Grains since `begin`. */
  readonly place: number;
  /** Beside the grid of the other samples. */
  readonly besideMs: Millis;
  readonly value: number;
  readonly count: number;
}

interface Trace {
  readonly trigger: MetricTrigger;
  readonly grainMs: Millis;
  readonly aheadGrains: number;
  readonly arrivals: readonly Arrival[];
}

const grids = [
  { grainMs: minuteMs, timeGrainMs: minuteMs },
  { grainMs: minuteMs, timeGrainMs: minuteMs },
  { grainMs: minuteMs, timeGrainMs: 5 * minuteMs },
  { grainMs: 5 * secondMs, timeGrainMs: minuteMs },
  { grainMs: 7 * secondMs, timeGrainMs: minuteMs },
];

const windowsMs = [1, 5, 10, 31, 60, 97, 130, 720].map((minutes) => minutes * minuteMs);

/** Mostly one after the other; some late, some again, some after a gap, some beside the grid. */
const arrivals = (instances: readonly string[], length: number) =>
  fc
    .array(
      fc.record({
        instance: fc.constantFrom(...instances),
        jump: fc.oneof(
          { weight: 30, arbitrary: fc.constant(1) },
          { weight: 4, arbitrary: fc.integer({ min: -6, max: 6 }) },
          { weight: 1, arbitrary: fc.integer({ min: -150, max: 150 }) },
        ),
        besideMs: fc.oneof(
          { weight: 400, arbitrary: fc.constant(0) },
          { weight: 1, arbitrary: fc.constantFrom(0.25, 1_500) },
        ),
        value: fc.oneof(
          fc.double({ min: -1e6, max: 1e6, noNaN: true }).map((value) => value + 0),
          fc.integer({ min: 0, max: 100 }),
          fc.constantFrom(0.1, 0.2, 0.3, 1e15),
        ),
        count: fc.constantFrom(1, 1, 1, 0, 60, 200, 40_000, 2.5),
      }),
      { minLength: 1, maxLength: length, size: 'max' },
    )
    .map((steps) => {
      let place = 0;
      return steps.map(({ jump, ...step }): Arrival => ({ ...step, place: (place += jump) }));
    });

const traces: fc.Arbitrary<Trace> = fc
  .tuple(fc.constantFrom([''], [''], ['a', 'b'], ['b', 'c', 'a']), fc.constantFrom(60, 900))
  .chain(([instances, length]) =>
    fc.record({
      grid: fc.constantFrom(...grids),
      timeWindowMs: fc.constantFrom(...windowsMs),
      statistic: fc.constantFrom(...statistics),
      timeAggregation: fc.constantFrom(...timeAggregations),
      only: fc.constantFrom(undefined, undefined, instances[0]),
      aheadGrains: fc.constantFrom(0, 0, 2),
      arrivals: arrivals(instances, length),
    }),
  )
  .map(({ grid, timeWindowMs, statistic, timeAggregation, only, ...trace }) => {
    const name = 'instanceId';
    const dimensions =
      only === undefined ? [] : [{ name, operator: 'Equals' as const, values: [only] }];
    const { timeGrainMs, grainMs } = grid;
    const { trigger } = rule('cpu > 70 out 1');
    const over = { timeGrainMs, timeWindowMs, statistic, timeAggregation, dimensions };
    return { ...trace, grainMs, trigger: { ...trigger, ...over } };
  });

function sampleOf({ grainMs }: Trace, arrival: Arrival): Sample {
  const { instance, place, besideMs, value, count } = arrival;
  const dimensions = [['instanceId', instance]] as const;
  return {
    series: { resource: '/r', metric: 'cpu', dimensions },
    time: instant(begin + place * grainMs + besideMs),
    grainMs,
    count,
    total: value,
    minimum: value - 1,
    maximum: value + 1,
  };
}

function newMetric(trigger: MetricTrigger): MetricSeries {
  const metric = new MetricSeries('/r', 'cpu');
  metric.retentionMs = trigger.timeWindowMs;
  return metric;
}

/** One that matches and has nothing in any window: what one series gives is then added up as several are. */
function withIdleInstance(trigger: MetricTrigger, instance: string): MetricSeries {
  const metric = newMetric({ ...trigger, timeWindowMs: minuteMs });
  const sample = sampleOf(
    { trigger, grainMs: secondMs, aheadGrains: 0, arrivals: [] },
    { instance, place: -1e7, besideMs: 0, value: 7, count: 1 },
  );
  metric.put(sample, 'export', instant(begin));
  metric.retentionMs = trigger.timeWindowMs;
  return metric;
}

/** Feeds a trace and shows each state in which somebody may read. */
function follow(trace: Trace, look: (came: readonly Sample[], now: Instant) => void): void {
  let now = begin;
  const came: Sample[] = [];
  for (const arrival of trace.arrivals) {
    const sample = sampleOf(trace, arrival);
    const end = sample.time + sample.grainMs - trace.aheadGrains * trace.grainMs;
    now = Math.max(now, end);
    came.push(sample);
    look(came, instant(now));
  }
}

function gist(reading: Reading): unknown {
  if (reading.kind !== 'value') return reading.kind;
  const { value, samples, completeness, window } = reading;
  return { value, samples, completeness, frontier: window.frontier };
}

function naiveGist(came: readonly Sample[], trigger: MetricTrigger, now: Instant): unknown {
  const only = trigger.dimensions[0]?.values[0];
  const mine = came.filter(
    ({ series }) => only === undefined || series.dimensions[0]?.[1] === only,
  );
  const naive = naiveRead(mine, trigger, now);
  if (naive === 'missing') return 'missing';
  const { value, samples, present, frontier } = naive;
  if (value === undefined) return 'missing';
  const grains = Math.ceil(trigger.timeWindowMs / trigger.timeGrainMs);
  return { value, samples, completeness: present < grains ? 'partial' : 'complete', frontier };
}

describe('a window’s value, bit for bit,', () => {
  test('is what all samples that came give, taken naively', () => {
    fc.assert(
      fc.property(traces, fc.integer({ min: 1, max: 40 }), (trace, every) => {
        const { trigger } = trace;
        const metric = newMetric(trigger);
        const window = new RuleWindow(trigger, metric, longAgo);
        const found: unknown[] = [];
        const expected: unknown[] = [];
        follow(trace, (came, now) => {
          metric.put(came.at(-1)!, 'export', now);
          if (came.length % every !== 0) return;
          found.push(gist(window.read(now, 0)));
          expected.push(naiveGist(came, trigger, now));
        });
        expect(found).toEqual(expected);
      }),
      { numRuns: 80 },
    );
  });

  test('is the same for one series alone and among several', () => {
    fc.assert(
      fc.property(traces, (trace) => {
        const instance = trace.arrivals[0]!.instance;
        const only = [{ name: 'instanceId', operator: 'Equals' as const, values: [instance, 'z'] }];
        const trigger = { ...trace.trigger, dimensions: only };
        const alone = newMetric(trigger);
        const among = withIdleInstance(trigger, 'z');
        const window = new RuleWindow(trigger, alone, longAgo);
        const found: Reading[] = [];
        const expected: Reading[] = [];
        follow(trace, (came, now) => {
          alone.put(came.at(-1)!, 'export', now);
          among.put(came.at(-1)!, 'export', now);
          found.push(window.read(now, 0));
          expected.push(new RuleWindow(trigger, among, longAgo).read(now, 0));
        });
        expect(found).toEqual(expected);
      }),
      { numRuns: 50 },
    );
  });

  test('is the same after a snapshot, and whatever was read before', () => {
    fc.assert(
      fc.property(traces, fc.nat(), (trace, cutAt) => {
        const { trigger } = trace;
        const metric = newMetric(trigger);
        let restored = metric;
        const window = new RuleWindow(trigger, metric, longAgo);
        const found: Reading[] = [];
        const expected: Reading[] = [];
        follow(trace, (came, now) => {
          metric.put(came.at(-1)!, 'export', now);
          if (restored !== metric) restored.put(came.at(-1)!, 'export', now);
          if (came.length === (cutAt % trace.arrivals.length) + 1) {
            restored = newMetric(trigger);
            for (const snapshot of metric.snapshots()) restored.restore(snapshot);
          }
          expected.push(window.read(now, 0));
          found.push(new RuleWindow(trigger, restored, longAgo).read(now, 0));
        });
        expect(found).toEqual(expected);
        expect(restored.snapshots()).toEqual(metric.snapshots());
      }),
      { numRuns: 50 },
    );
  });
});
