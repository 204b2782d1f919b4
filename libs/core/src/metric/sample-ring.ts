import { assert } from '../lang/assert.ts';
import { hourMs, secondMs } from '../lang/instant.ts';
import type { Instant, Millis } from '../lang/instant.ts';
import { CellPages } from './cell-pages.ts';
import { DenseSamples, isDense, phaseOf } from './dense-samples.ts';
import { eachSample } from './sample-columns.ts';
import type { RingSample, SampleColumns, SampleSink } from './sample-columns.ts';
import { SortedSamples } from './sorted-samples.ts';

export type { SampleColumns, SampleSink };

/** Most samples that one series keeps at one grain: 12 hours of seconds, and what may lie ahead of now. */
export const ringSamplesMax: number = (12 * hourMs) / secondMs + 1_800;

const capacityMin = 4;
const capacityFirst = 16;

/**
 * The samples of one series at one grain. What it holds depends only on which samples came in, not on their order: a
 * later one of the same time replaces, a late one is put in its place. How it holds them is its own affair: in a cell
 * each, by absolute index, where their times allow that; else sorted.
 */
export class SampleRing {
  readonly grainMs: Millis;
  readonly #pages: CellPages;
  #dense: DenseSamples | undefined;
  #sorted: SortedSamples | undefined;

  constructor(grainMs: Millis, pages: CellPages = new CellPages()) {
    assert(grainMs > 0, 'a grain is longer than nothing');
    this.grainMs = grainMs;
    this.#pages = pages;
  }

  get length(): number {
    return this.#held?.length ?? 0;
  }

  /** Where every sample has a cell of its own. */
  get dense(): DenseSamples | undefined {
    return this.#dense;
  }

  /** Replaces the sample of the same time. `expected`: the samples of the longest window that is read. */
  put(sample: RingSample, expected: number = ringSamplesMax): void {
    if (this.#sorted === undefined && this.#putDense(sample, expected)) return;
    this.#sorted ??= this.#toSorted();
    if (this.#sorted.put(sample)) this.#tryDense();
  }

  /** Forgets samples that end at or before `at`, and the oldest beyond the limit. */
  forget(at: Instant): void {
    this.#held?.forget(at, ringSamplesMax);
  }

  /** End of the newest sample that ends at or before `now`. */
  newestEnd(now: Instant): Instant | undefined {
    return this.#held?.newestEnd(now);
  }

  /** End of the oldest sample that ends after `now`. */
  nextEnd(now: Instant): Instant | undefined {
    return this.#held?.nextEnd(now);
  }

  /** End of the newest sample, however far ahead it lies. */
  get lastEnd(): Instant | undefined {
    return this.#held?.lastEnd;
  }

  /** Shows each sample that ends in (from, to], oldest first. */
  visit(from: Instant, to: Instant, sink: SampleSink): void {
    this.#held?.visit(from, to, sink);
  }

  columns(): SampleColumns {
    return (this.#held ?? new SortedSamples(this.grainMs)).columns();
  }

  static of(grainMs: Millis, columns: SampleColumns, pages?: CellPages): SampleRing {
    const ring = new SampleRing(grainMs, pages);
    const cells = cellsOf(columns, grainMs);
    if (cells !== undefined) ring.#lay(columns, cells);
    else eachSample(grainMs, columns, (sample) => ring.put(sample));
    return ring;
  }

  /** Forgets everything and gives its memory back. */
  release(): void {
    this.#dense?.release();
    this.#dense = undefined;
    this.#sorted = undefined;
  }

  get #held(): DenseSamples | SortedSamples | undefined {
    return this.#dense ?? this.#sorted;
  }

  #putDense(sample: RingSample, expected: number): boolean {
    if (this.#dense === undefined) {
      const phaseMs = phaseOf(sample.time, this.grainMs);
      if (phaseMs === undefined) return false;
      const capacity = Math.max(capacityMin, Math.min(capacityFirst, expected));
      this.#dense = new DenseSamples(this.grainMs, phaseMs, this.#pages, capacity);
    }
    return this.#dense.put(sample, expected);
  }

  #toSorted(): SortedSamples {
    const sorted = new SortedSamples(this.grainMs);
    if (this.#dense !== undefined) {
      eachSample(this.grainMs, this.#dense.columns(), (sample) => sorted.put(sample));
    }
    this.#dense?.release();
    this.#dense = undefined;
    return sorted;
  }

  /** What was far apart may have filled up since. */
  #tryDense(): void {
    const columns = this.columns();
    const cells = cellsOf(columns, this.grainMs);
    if (cells === undefined) return;
    this.#sorted = undefined;
    this.#lay(columns, cells);
  }

  #lay(columns: SampleColumns, cells: number): void {
    const phaseMs = (columns.times[0] ?? 0) % this.grainMs;
    const dense = new DenseSamples(this.grainMs, phaseMs, this.#pages, cells);
    eachSample(this.grainMs, columns, (sample) => dense.put(sample, cells));
    this.#dense = dense;
  }
}

/** How many cells samples need that all have one phase and lie close; undefined where they do not. */
function cellsOf({ times }: SampleColumns, grainMs: Millis): number | undefined {
  const oldest = times[0];
  if (oldest === undefined) return undefined;
  const phaseMs = phaseOf(oldest as Instant, grainMs);
  const cells = ((times.at(-1) ?? oldest) - oldest) / grainMs + 1;
  if (phaseMs === undefined || !isDense(cells, times.length)) return undefined;
  return times.every((time) => phaseOf(time as Instant, grainMs) === phaseMs) ? cells : undefined;
}
