import { minuteMs } from '../durations.ts';
import type { ArmDimension, ArmTrigger } from './arm-setting.ts';
import { durationMs } from './arm-setting.ts';
import type { Measured, MetricDatabase, Series, SeriesName } from './metric-database.ts';

/** No measurement that ended so long before the window began: the metric cannot be read. */
const graceMs = 5 * minuteMs;

/**
 * Reads a trigger's value as the engine sees it: grains of `timeGrain`, counted back from the newest minute that has arrived,
 * over `timeWindow`; `statistic` combines the instances within a grain, `timeAggregation` the grains. A grain that nobody
 * measured does not count. How stale a metric may be is not documented: here nothing within the window and five minutes.
 */
export class MetricReader {
  readonly #database: MetricDatabase;
  readonly #trigger: ArmTrigger;
  readonly #windowMinutes: number;
  readonly #grainMinutes: number;
  #series: readonly Series[] = [];
  #sizeThen = -1;

  constructor(database: MetricDatabase, trigger: ArmTrigger) {
    this.#database = database;
    this.#trigger = trigger;
    this.#windowMinutes = durationMs(trigger.timeWindow) / minuteMs;
    this.#grainMinutes = durationMs(trigger.timeGrain) / minuteMs;
  }

  /** Undefined: it cannot be read. */
  value(now: number): number | undefined {
    const newest = this.#newest(now);
    const tooOld = now - this.#windowMinutes * minuteMs - graceMs;
    if (newest < 0 || this.#database.endOf(newest) <= tooOld) return undefined;
    const grains = this.#grains(newest).map((grain) => acrossInstances(grain, this.#trigger));
    return acrossGrains(grains, this.#trigger);
  }

  /** Of the minutes that are seen the last in which any instance was measured. */
  #newest(now: number): number {
    const seen = this.#database.seen(this.#trigger.metricResourceUri, now);
    const oldest = Math.max(0, seen - this.#windowMinutes - graceMs / minuteMs);
    const series = this.#matching();
    for (let minute = seen; minute >= oldest; minute--) {
      if (series.some((each) => each.has(minute))) return minute;
    }
    return -1;
  }

  /** Oldest first. */
  #grains(newest: number): readonly Measured[] {
    const grains: Measured[] = [];
    for (let last = newest; last > newest - this.#windowMinutes; last -= this.#grainMinutes) {
      const first = Math.max(last - this.#grainMinutes, newest - this.#windowMinutes) + 1;
      const grain = this.#gathered(Math.max(0, first), last);
      if (grain.count > 0) grains.unshift(grain);
    }
    return grains;
  }

  #gathered(first: number, last: number): Measured {
    const sum = { count: 0, total: 0, minimum: Infinity, maximum: -Infinity };
    for (const series of this.#matching()) series.addTo(sum, first, last);
    return sum;
  }

  /** Instances come and go: looked for again when there are more series. */
  #matching(): readonly Series[] {
    if (this.#sizeThen === this.#database.size) return this.#series;
    const { metricResourceUri, metricName, dimensions = [] } = this.#trigger;
    this.#series = this.#database
      .of(metricResourceUri, metricName)
      .filter(({ name }) => dimensions.every((filter) => passes(name, filter)));
    this.#sizeThen = this.#database.size;
    return this.#series;
  }
}

function passes({ dimensions }: SeriesName, { DimensionName, Operator, Values }: ArmDimension) {
  const value = dimensions[DimensionName];
  const isAmong = value !== undefined && Values.includes(value);
  return Operator === 'Equals' ? isAmong : !isAmong;
}

function acrossInstances(grain: Measured, { statistic }: ArmTrigger): number {
  switch (statistic) {
    case 'Average':
      return grain.total / grain.count;
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

function acrossGrains(values: readonly number[], { timeAggregation }: ArmTrigger): number {
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
      return values.at(-1)!;
  }
}
