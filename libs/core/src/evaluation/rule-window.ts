import { after } from '../lang/instant.ts';
import type { Instant, Millis } from '../lang/instant.ts';
import { maxDataAgeMs } from '../metric/sample.ts';
import type { Dimensions } from '../metric/sample.ts';
import type { DenseSamples } from '../metric/dense-samples.ts';
import type { DimensionFilter, MetricTrigger } from '../setting/autoscale-setting.ts';
import { BlockSums, keptGrains } from './block-sums.ts';
import { GrainColumns } from './grain-columns.ts';
import { GrainFold } from './grain-fold.ts';
import type { MetricSeries, Series } from './metric-series.ts';
import type { Reading, Window } from './reading.ts';

/** Most grains of one window: 12 hours of minutes. */
const grainsMax = 720;

/**
 * One rule's view of one metric: the `timeWindow` that ends at its frontier, in grains that are counted back from there.
 * Not from `now`: Azure's own metrics are minutes late, and a window that ends now would be empty for ever.
 */
export class RuleWindow {
  readonly trigger: MetricTrigger;
  readonly #metric: MetricSeries;
  readonly #askedSince: Instant;
  /** The metric's series when `#matching` were chosen among them. */
  #among: readonly Series[] | undefined;
  #matching: readonly Series[] = [];
  #work: GrainColumns | BlockSums | undefined;

  /** `askedSince`: the log time at which the metric was first asked for. */
  constructor(trigger: MetricTrigger, metric: MetricSeries, askedSince: Instant) {
    this.trigger = trigger;
    this.#metric = metric;
    this.#askedSince = askedSince;
  }

  /** `lastGoodMs`: how old the frontier may be beyond what is usual of its path; the reading is then `lastGood`. */
  read(now: Instant, lastGoodMs: Millis): Reading {
    const { timeWindowMs: lengthMs } = this.trigger;
    let frontier: Instant | undefined;
    let newest: Series | undefined;
    let nextAt = Infinity;
    for (const series of this.#select()) {
      const end = series.ring.newestEnd(now);
      if (end !== undefined && (frontier === undefined || end > frontier)) {
        frontier = end;
        newest = series;
      }
      nextAt = Math.min(nextAt, series.ring.nextEnd(now) ?? Infinity);
    }
    if (newest === undefined || frontier === undefined) {
      const lateAt = after(this.#askedSince, lengthMs + maxDataAgeMs('other'));
      return absent({ lengthMs }, lateAt, nextAt, now);
    }
    const { path, ring } = newest;
    const usualMs = Math.max(maxDataAgeMs(path), 2 * ring.grainMs);
    const dataAgeMs = now - frontier;
    const warmAt = this.#askedSince + lengthMs;
    const isGood = dataAgeMs <= usualMs || (dataAgeMs <= lastGoodMs && frontier >= warmAt);
    if (!isGood) {
      const window = { lengthMs, frontier, dataAgeMs, path };
      return absent(window, after(this.#askedSince, lengthMs + maxDataAgeMs(path)), nextAt, now);
    }
    // Without new data nothing changes but its age: one millisecond past the limit it is another reading.
    const limitMs = dataAgeMs <= usualMs ? usualMs : lastGoodMs;
    const changesAt = Math.min(nextAt, frontier + limitMs + 1) as Instant;
    const window = { lengthMs, frontier, dataAgeMs, path, changesAt };
    const reading = this.#combine(window, dataAgeMs > usualMs);
    if (frontier >= warmAt || this.#isBackFilled(reading, frontier)) return reading;
    return { kind: 'warming', window };
  }

  /** Whether data of the time before anybody asked were brought for the whole window: a poller does that. */
  #isBackFilled(reading: Reading, frontier: Instant): boolean {
    if (reading.kind !== 'value' || reading.completeness !== 'complete') return false;
    const begin = after(frontier, -this.trigger.timeWindowMs);
    return this.#matching.some(({ ring }) => {
      let reaches = false;
      const take = (end: number) => (reaches ||= end - ring.grainMs <= begin);
      ring.visit(begin, after(begin, ring.grainMs), { take });
      return reaches;
    });
  }

  #combine(window: Window & { readonly frontier: Instant }, isLastGood: boolean): Reading {
    const { trigger } = this;
    const { timeGrainMs } = trigger;
    const grains = Math.min(grainsMax, Math.ceil(trigger.timeWindowMs / timeGrainMs));
    const last = Math.floor(window.frontier / timeGrainMs);
    const dense = this.#matching.length === 1 ? this.#denseRing(timeGrainMs) : undefined;
    const cells = dense ?? this.#merged(window.frontier, grains, last);
    const kept =
      dense !== undefined && grains >= keptGrains ? this.#kept(dense, grains) : undefined;
    const fold = new GrainFold(cells, trigger).take(last - grains + 1, last, kept);
    const value = fold.value;
    // Sums of the largest numbers are no number any more, and nothing can be compared with them.
    if (value === undefined || !Number.isFinite(value)) return { kind: 'missing', window };
    const isComplete = fold.present === grains;
    const completeness = isLastGood ? 'lastGood' : isComplete ? 'complete' : 'partial';
    const samples = cells instanceof GrainColumns ? cells.samples : fold.present;
    return { kind: 'value', completeness, value, window, samples };
  }

  /** The cells of the only series, where they are the rule's grains. */
  #denseRing(grainMs: Millis): DenseSamples | undefined {
    const ring = this.#matching[0]?.ring;
    return ring?.grainMs === grainMs ? ring.dense : undefined;
  }

  #kept(samples: DenseSamples, grains: number): BlockSums {
    const before = this.#work;
    if (before instanceof BlockSums && before.samples === samples) return before.refresh();
    const kept = new BlockSums(samples, grains);
    this.#work = kept;
    return kept;
  }

  #merged(frontier: Instant, grains: number, last: number): GrainColumns {
    const before = this.#work;
    const isKept = before instanceof GrainColumns;
    const columns = isKept ? before : new GrainColumns(grains, this.trigger);
    this.#work = columns;
    return columns.fill(this.#matching, frontier, last, this.#metric.changes);
  }

  #select(): readonly Series[] {
    const { series } = this.#metric;
    if (this.#among === series) return this.#matching;
    const matching = series.filter((one) => matches(one, this.trigger));
    // Mostly all match: then there is no need for an array of its own.
    this.#matching = matching.length === series.length ? series : matching;
    this.#among = series;
    return this.#matching;
  }
}

/** No sample, or too old a one. Until the window and the data's usual lag have passed, that says nothing. */
function absent(window: Window, lateAt: Instant, nextAt: number, now: Instant): Reading {
  const kind = now < lateAt ? 'warming' : 'missing';
  const changesAt = kind === 'warming' ? Math.min(nextAt, lateAt) : nextAt;
  if (changesAt === Infinity) return { kind, window };
  return { kind, window: { ...window, changesAt: changesAt as Instant } };
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
