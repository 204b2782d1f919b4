import type { Instant, Millis } from '../lang/instant.ts';
import { absentCount, pageOf } from '../metric/cell-pages.ts';
import type { SampleSink } from '../metric/sample-columns.ts';
import type { MetricTrigger } from '../setting/autoscale-setting.ts';
import type { GrainCells } from './grain-fold.ts';
import type { Series } from './metric-series.ts';

/** The grains of one window, each with all samples of all instances added up, in the order of the series. */
export class GrainColumns implements GrainCells, SampleSink {
  readonly page;
  readonly place = 0;
  readonly #windowMs: Millis;
  readonly #grainMs: Millis;
  #changes = -1;
  #lastSlot = 0;
  #frontier = NaN as Instant;
  last = -1;
  /** Samples that were added. */
  samples = 0;

  /** `length`: grains of the window. */
  constructor(length: number, { timeWindowMs, timeGrainMs }: MetricTrigger) {
    this.page = pageOf(length, { countBytes: 8, valueBytes: 8 }, 1);
    this.#windowMs = timeWindowMs;
    this.#grainMs = timeGrainMs;
  }

  get first(): number {
    return Math.max(0, this.last - this.page.capacity + 1);
  }

  /** `last`: index of the grain that ends at the frontier. `changes`: as long as it stays, nothing else came. */
  fill(series: readonly Series[], frontier: Instant, last: number, changes: number): this {
    if (this.#changes === changes && this.#frontier === frontier) return this;
    this.#changes = changes;
    this.#frontier = frontier;
    this.last = last;
    this.#lastSlot = last % this.page.capacity;
    this.samples = 0;
    this.page.counts.fill(absentCount);
    const from = (frontier - this.#windowMs) as Instant;
    for (const { ring } of series) ring.visit(from, frontier, this);
    return this;
  }

  /** A sample belongs to the grain in which it ends. */
  take(end: number, count: number, total: number, minimum: number, maximum: number): void {
    const { capacity, counts, values } = this.page;
    const back = Math.floor((this.#frontier - end) / this.#grainMs);
    if (back >= capacity || back > this.last) return;
    const slot = back > this.#lastSlot ? this.#lastSlot - back + capacity : this.#lastSlot - back;
    const before = counts[slot] ?? absentCount;
    const least = slot + capacity;
    const most = least + capacity;
    this.samples++;
    if (before < 0) {
      counts[slot] = count;
      values[slot] = total;
      values[least] = minimum;
      values[most] = maximum;
      return;
    }
    counts[slot] = before + count;
    values[slot] = (values[slot] ?? 0) + total;
    values[least] = Math.min(values[least] ?? Infinity, minimum);
    values[most] = Math.max(values[most] ?? -Infinity, maximum);
  }
}
