import type { LimitWindows } from './limit-windows.ts';

/** What a bucket tells, and how the buckets of a window are combined. */
export const limitStatistics = ['average', 'minimum', 'maximum', 'total'] as const;
export const limitAggregations = ['average', 'minimum', 'maximum', 'total'] as const;

/** The last minutes' buckets against a threshold; averages of averages where nothing else is said. */
export interface LimitRule {
  readonly statistic?: (typeof limitStatistics)[number];
  readonly aggregation?: (typeof limitAggregations)[number];
  readonly direction: 'out' | 'in';
  readonly minutes: number;
  readonly threshold: number;
}

/** What one setting is to the limit: a series of its own, and rules on it. */
export interface LimitSetting {
  readonly resource: string;
  readonly metric: string;
  readonly capacity: number;
  readonly rules: readonly LimitRule[];
}

const cooldownMinutes = 5;
const capacityMin = 1;
const capacityMax = 10;

/**
 * Rules as columns. Out when any out rule holds, in when all in rules hold. A window's average comes
 * from a scan of its buckets, or from a running sum that gains one bucket and loses one a minute.
 */
export class LimitRules {
  readonly settings: number;
  readonly #first: Int32Array;
  readonly #minutes: Int16Array;
  readonly #statistics: Uint8Array;
  readonly #aggregations: Uint8Array;
  readonly #isOut: Uint8Array;
  readonly #thresholds: Float64Array;
  readonly #capacities: Int32Array;
  readonly #coolUntil: Int32Array;
  readonly #sums: Float64Array;
  readonly #present: Int32Array;
  readonly #summedAt: Int32Array;

  constructor(settings: readonly LimitSetting[]) {
    const rules = settings.flatMap((setting) => setting.rules);
    this.settings = settings.length;
    this.#first = new Int32Array(settings.length + 1);
    for (const [at, { rules }] of settings.entries()) {
      this.#first[at + 1] = (this.#first[at] ?? 0) + rules.length;
    }
    this.#minutes = Int16Array.from(rules, ({ minutes }) => minutes);
    this.#statistics = Uint8Array.from(rules, ({ statistic = 'average' }) =>
      limitStatistics.indexOf(statistic),
    );
    this.#aggregations = Uint8Array.from(rules, ({ aggregation = 'average' }) =>
      limitAggregations.indexOf(aggregation),
    );
    this.#isOut = Uint8Array.from(rules, ({ direction }) => (direction === 'out' ? 1 : 0));
    this.#thresholds = Float64Array.from(rules, ({ threshold }) => threshold);
    this.#capacities = Int32Array.from(settings, ({ capacity }) => capacity);
    this.#coolUntil = new Int32Array(settings.length);
    this.#sums = new Float64Array(rules.length);
    this.#present = new Int32Array(rules.length);
    this.#summedAt = new Int32Array(rules.length);
  }

  get bytes(): number {
    const columns = [
      ...[this.#first, this.#minutes, this.#isOut, this.#thresholds, this.#capacities],
      ...[this.#statistics, this.#aggregations],
      ...[this.#coolUntil, this.#sums, this.#present, this.#summedAt],
    ];
    return columns.reduce((sum, column) => sum + column.byteLength, 0);
  }

  /** Every setting once; answers how many had an out rule that holds. */
  round(windows: LimitWindows, minute: number, how: 'scan' | 'running'): number {
    let firing = 0;
    for (let setting = 0; setting < this.settings; setting++) {
      if (this.#evaluate(windows, setting, minute, how === 'running')) firing++;
    }
    return firing;
  }

  #evaluate(windows: LimitWindows, setting: number, minute: number, isRunning: boolean): boolean {
    let anyOut = false;
    let allIn = true;
    const end = this.#first[setting + 1] ?? 0;
    for (let rule = this.#first[setting] ?? 0; rule < end; rule++) {
      const value = isRunning
        ? this.#running(windows, rule, setting, minute)
        : this.#scan(windows, rule, setting, minute, false);
      const threshold = this.#thresholds[rule] ?? 0;
      if (this.#isOut[rule] === 1) anyOut ||= value > threshold;
      else allIn &&= value < threshold;
    }
    this.#act(setting, minute, anyOut ? 1 : allIn ? -1 : 0);
    return anyOut;
  }

  #act(setting: number, minute: number, change: number): void {
    if (change === 0 || minute < (this.#coolUntil[setting] ?? 0)) return;
    const capacity = (this.#capacities[setting] ?? 0) + change;
    if (capacity < capacityMin || capacity > capacityMax) return;
    this.#capacities[setting] = capacity;
    this.#coolUntil[setting] = minute + cooldownMinutes;
  }

  /** `isKept`: the sum is the running one from here on. */
  #scan(
    windows: LimitWindows,
    rule: number,
    series: number,
    minute: number,
    isKept: boolean,
  ): number {
    const { buckets, counts } = windows;
    const column = columnOf(windows, this.#statistics[rule] ?? 0);
    const aggregation = this.#aggregations[rule] ?? 0;
    const first = series * buckets;
    const end = first + buckets;
    const minutes = this.#minutes[rule] ?? 1;
    let bucket = first + ((minute - minutes + 1) % buckets);
    let sum = aggregation === 1 ? Infinity : aggregation === 2 ? -Infinity : 0;
    let present = 0;
    for (let left = minutes; left > 0; left--) {
      if (counts[bucket] !== 0) {
        const value = column[bucket] ?? 0;
        if (aggregation === 0 || aggregation === 3) sum += value;
        else if (aggregation === 1) sum = value < sum ? value : sum;
        else sum = value > sum ? value : sum;
        present++;
      }
      if (++bucket === end) bucket = first;
    }
    if (isKept) {
      this.#sums[rule] = sum;
      this.#present[rule] = present;
      this.#summedAt[rule] = minute;
    }
    return aggregation === 0 ? sum / present : sum;
  }

  #running(windows: LimitWindows, rule: number, series: number, minute: number): number {
    const minutes = this.#minutes[rule] ?? 1;
    const isSum = this.#statistics[rule] === 0 && this.#aggregations[rule] === 0;
    const isNext = isSum && this.#summedAt[rule] === minute - 1 && minutes < windows.buckets;
    if (!isNext) return this.#scan(windows, rule, series, minute, true);
    this.#gain(windows, rule, series * windows.buckets + (minute % windows.buckets), 1);
    const gone = (minute - minutes) % windows.buckets;
    this.#gain(windows, rule, series * windows.buckets + gone, -1);
    this.#summedAt[rule] = minute;
    return (this.#sums[rule] ?? 0) / (this.#present[rule] ?? 0);
  }

  #gain(windows: LimitWindows, rule: number, bucket: number, sign: 1 | -1): void {
    if (windows.counts[bucket] === 0) return;
    this.#sums[rule] = (this.#sums[rule] ?? 0) + sign * (windows.averages[bucket] ?? 0);
    this.#present[rule] = (this.#present[rule] ?? 0) + sign;
  }
}

function columnOf(windows: LimitWindows, statistic: number): Float32Array {
  switch (statistic) {
    case 0:
      return windows.averages;
    case 1:
      return windows.minimums;
    case 2:
      return windows.maximums;
    default:
      return windows.totals;
  }
}
