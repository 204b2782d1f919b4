import { never } from '../lang/assert.ts';
import type { Instant, Millis } from '../lang/instant.ts';
import type { SampleRing } from '../metric/sample-ring.ts';
import type { Statistic, TimeAggregation } from '../setting/autoscale-setting.ts';

/** Most grains of one window: 12 hours of minutes. */
const grainsMax = 720;

/** The grains of one window, newest first, each with all instances' samples added up. */
export class GrainColumns {
  readonly length: number;
  /** Samples that were added. */
  samples = 0;
  readonly #frontier: Instant;
  readonly #begin: Instant;
  readonly #grainMs: Millis;
  readonly #seen: Uint32Array;
  readonly #counts: Float64Array;
  readonly #totals: Float64Array;
  readonly #minimums: Float64Array;
  readonly #maximums: Float64Array;

  constructor(frontier: Instant, windowMs: Millis, grainMs: Millis) {
    this.length = Math.min(grainsMax, Math.max(1, Math.ceil(windowMs / grainMs)));
    this.#frontier = frontier;
    this.#begin = (frontier - windowMs) as Instant;
    this.#grainMs = grainMs;
    this.#seen = new Uint32Array(this.length);
    this.#counts = new Float64Array(this.length);
    this.#totals = new Float64Array(this.length);
    this.#minimums = new Float64Array(this.length).fill(Infinity);
    this.#maximums = new Float64Array(this.length).fill(-Infinity);
  }

  /** A sample belongs to the grain in which it ends. */
  add(ring: SampleRing): void {
    ring.visit(this.#begin, this.#frontier, (end, count, total, minimum, maximum) => {
      const grain = Math.floor((this.#frontier - end) / this.#grainMs);
      this.samples++;
      add(this.#seen, grain, 1);
      add(this.#counts, grain, count);
      add(this.#totals, grain, total);
      this.#minimums[grain] = Math.min(this.#minimums[grain] ?? Infinity, minimum);
      this.#maximums[grain] = Math.max(this.#maximums[grain] ?? -Infinity, maximum);
    });
  }

  /** Grains that hold a sample. */
  get present(): number {
    let present = 0;
    for (const seen of this.#seen) if (seen > 0) present++;
    return present;
  }

  /** Instances by `statistic` within a grain, then grains by `aggregation`, unweighted, oldest first. */
  aggregate(statistic: Statistic, aggregation: TimeAggregation): number | undefined {
    const values: number[] = [];
    for (let grain = this.length - 1; grain >= 0; grain--) {
      const value = this.#valueOf(grain, statistic);
      if (value !== undefined) values.push(value);
    }
    return values.length === 0 ? undefined : combine(values, aggregation);
  }

  #valueOf(grain: number, statistic: Statistic): number | undefined {
    if (this.#seen[grain] === 0) return undefined;
    const count = this.#counts[grain] ?? 0;
    switch (statistic) {
      case 'Average':
        return count > 0 ? (this.#totals[grain] ?? 0) / count : undefined;
      case 'Sum':
        return this.#totals[grain];
      case 'Count':
        return count;
      case 'Min':
        return this.#minimums[grain];
      case 'Max':
        return this.#maximums[grain];
      default:
        return never(statistic);
    }
  }
}

/** `values` oldest first, at least one. */
function combine(values: readonly number[], aggregation: TimeAggregation): number | undefined {
  switch (aggregation) {
    case 'Average':
      return sum(values) / values.length;
    case 'Total':
      return sum(values);
    case 'Minimum':
      return Math.min(...values);
    case 'Maximum':
      return Math.max(...values);
    case 'Count':
      return values.length;
    case 'Last':
      return values.at(-1);
    default:
      return never(aggregation);
  }
}

function add(column: Float64Array | Uint32Array, at: number, value: number): void {
  column[at] = (column[at] ?? 0) + value;
}

function sum(values: readonly number[]): number {
  let total = 0;
  for (const value of values) total += value;
  return total;
}
