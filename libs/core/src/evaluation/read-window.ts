import { after } from '../lang/instant.ts';
import type { Instant, Millis } from '../lang/instant.ts';
import { maxDataAgeMs } from '../metric/sample.ts';
import type { Dimensions, IngestPath } from '../metric/sample.ts';
import type { DimensionFilter, MetricTrigger } from '../setting/autoscale-setting.ts';
import { GrainColumns } from './grain-columns.ts';
import type { MetricSeries, Series } from './metric-series.ts';
import type { Reading, Window } from './reading.ts';

/**
 * Reads a rule's window: the `timeWindow` that ends at its frontier, in grains that are counted back from there. Not from
 * `now`: Azure's own metrics are minutes late, and a window that ends now would be empty for ever.
 */
export function readWindow(
  trigger: MetricTrigger,
  metric: MetricSeries | undefined,
  askedSince: Instant,
  now: Instant,
): Reading {
  const matching = (metric?.series ?? []).filter((series) => matches(series, trigger));
  const reading = readMatching(trigger, matching, askedSince, now);
  const nextAt = nextEndOf(matching, now);
  if (nextAt === undefined) return reading;
  const changesAt = Math.min(nextAt, reading.window.changesAt ?? nextAt) as Instant;
  return { ...reading, window: { ...reading.window, changesAt } };
}

function readMatching(
  trigger: MetricTrigger,
  matching: readonly Series[],
  askedSince: Instant,
  now: Instant,
): Reading {
  const newest = newestOf(matching, now);
  const lengthMs = trigger.timeWindowMs;
  if (newest === undefined) return absent({ lengthMs }, askedSince, maxDataAgeMs('other'), now);
  const { frontier, path, grainMs } = newest;
  const ageMaxMs = Math.max(maxDataAgeMs(path), 2 * grainMs);
  const window: Window = { lengthMs, frontier, dataAgeMs: now - frontier, path };
  if (now - frontier > ageMaxMs) return absent(window, askedSince, ageMaxMs, now);
  const warmAt = after(askedSince, lengthMs);
  // Without new data nothing changes but its age: one millisecond past the limit it is missing.
  const staleAt = after(frontier, ageMaxMs + 1);
  if (frontier < warmAt) return { kind: 'warming', window: { ...window, changesAt: staleAt } };
  return aggregate(trigger, matching, { ...window, frontier, changesAt: staleAt });
}

/** No sample, or too old a one. Until the window and the data's usual lag have passed, that says nothing. */
function absent(window: Window, askedSince: Instant, ageMaxMs: Millis, now: Instant): Reading {
  const lateAt = after(askedSince, window.lengthMs + ageMaxMs);
  if (now < lateAt) return { kind: 'warming', window: { ...window, changesAt: lateAt } };
  return { kind: 'missing', window };
}

function aggregate(
  trigger: MetricTrigger,
  matching: readonly Series[],
  window: Window & { readonly frontier: Instant },
): Reading {
  const columns = new GrainColumns(window.frontier, trigger.timeWindowMs, trigger.timeGrainMs);
  for (const series of matching) columns.add(series.ring);
  const value = columns.aggregate(trigger.statistic, trigger.timeAggregation);
  // Sums of the largest numbers are no number any more, and nothing can be compared with them.
  if (value === undefined || !Number.isFinite(value)) return { kind: 'missing', window };
  const completeness = columns.present < columns.length ? 'partial' : 'complete';
  return { kind: 'value', completeness, value, window, samples: columns.samples };
}

interface Newest {
  readonly frontier: Instant;
  readonly path: IngestPath;
  readonly grainMs: Millis;
}

function newestOf(series: readonly Series[], now: Instant): Newest | undefined {
  let newest: Newest | undefined;
  for (const { ring, path } of series) {
    const end = ring.newestEnd(now);
    if (end === undefined) continue;
    if (newest === undefined || end > newest.frontier) {
      newest = { frontier: end, path, grainMs: ring.grainMs };
    }
  }
  return newest;
}

/** When the first sample that lies ahead of now is seen. */
function nextEndOf(series: readonly Series[], now: Instant): Instant | undefined {
  let next: Instant | undefined;
  for (const { ring } of series) {
    const end = ring.nextEnd(now);
    if (end !== undefined && (next === undefined || end < next)) next = end;
  }
  return next;
}

/** A sample coarser than the rule's grain says nothing about one grain. */
function matches(series: Series, trigger: MetricTrigger): boolean {
  if (series.ring.grainMs > trigger.timeGrainMs) return false;
  return trigger.dimensions.every((filter) => passes(series.dimensions, filter));
}

function passes(dimensions: Dimensions, filter: DimensionFilter): boolean {
  const name = filter.name.toLowerCase();
  const value = dimensions.find(([candidate]) => candidate.toLowerCase() === name)?.[1];
  if (value === undefined) return filter.operator === 'NotEquals';
  const named = filter.values.some((other) => other.toLowerCase() === value.toLowerCase());
  return filter.operator === 'Equals' ? named : !named;
}
