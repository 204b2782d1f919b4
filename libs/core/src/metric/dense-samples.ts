import type { Instant, Millis } from '../lang/instant.ts';
import { absentCount } from './cell-pages.ts';
import type { CellForm, CellPage, CellPages } from './cell-pages.ts';
import { columnsOfLength } from './sample-columns.ts';
import type { RingSample, SampleColumns, SampleSink } from './sample-columns.ts';

/** Grains of one block; blocks lie at multiples of it over absolute indexes. */
export const blockGrains = 32;

const firstCapacity = 16;
const alwaysDenseCells = 64;
const cellsPerSampleMax = 4;

/**
 * Samples at whole milliseconds whose times all have one phase: each has a cell of its own, by its absolute index
 * ⌊end / grain⌋ modulo the capacity, and no time is kept. `first` and `last` are indexes of samples; cells between them
 * may be absent, cells beyond them hold anything.
 */
export class DenseSamples {
  readonly grainMs: Millis;
  readonly phaseMs: Millis;
  readonly #pages: CellPages;
  page: CellPage;
  place: number;
  first = 0;
  last = -1;
  length = 0;
  /** Counts what changed in blocks before the one that the next sample belongs to. */
  rewrites = 0;

  constructor(grainMs: Millis, phaseMs: Millis, pages: CellPages, capacity = firstCapacity) {
    this.grainMs = grainMs;
    this.phaseMs = phaseMs;
    this.#pages = pages;
    const { page, place } = pages.take(capacity, narrowest);
    this.page = page;
    this.place = place;
  }

  /**
   * Replaces the sample of the same time. False where it does not fit: another phase, or too far from the others for so
   * many cells. `expected`: the samples of the longest window, beyond which the ring grows only if it must.
   */
  put(sample: RingSample, expected: number): boolean {
    const { time, grainMs } = sample;
    if (phaseOf(time, grainMs) !== this.phaseMs) return false;
    const index = (time + grainMs - this.phaseMs) / grainMs;
    if (!this.#reach(index, expected)) return false;
    const count = sample.count > 0 ? sample.count : 0;
    const form = formFor(this.page, count, sample);
    if (form !== this.page) this.#relay(this.page.capacity, form);
    const { capacity, counts, values } = this.page;
    const slot = index % capacity;
    const cell = this.place * capacity + slot;
    if ((counts[cell] ?? 0) < 0) this.length++;
    counts[cell] = count;
    const total = 3 * this.place * capacity + slot;
    values[total] = sample.total;
    values[total + capacity] = sample.minimum;
    values[total + 2 * capacity] = sample.maximum;
    return true;
  }

  /** Forgets samples that end at or before `at`, and the oldest beyond `samplesMax`. */
  forget(at: Instant, samplesMax: number): void {
    while (this.length > 0) {
      const present = this.has(this.first);
      if (present && this.endOf(this.first) > at && this.length <= samplesMax) return;
      if (present) this.length--;
      this.first++;
    }
  }

  newestEnd(now: Instant): Instant | undefined {
    if (this.length === 0) return undefined;
    const lastEnd = this.endOf(this.last);
    if (lastEnd <= now) return lastEnd;
    for (let index = this.#indexAt(now); index >= this.first; index--) {
      if (this.has(index)) return this.endOf(index);
    }
    return undefined;
  }

  nextEnd(now: Instant): Instant | undefined {
    if (this.length === 0 || this.endOf(this.last) <= now) return undefined;
    let index = Math.max(this.first, this.#indexAt(now) + 1);
    while (!this.has(index)) index++;
    return this.endOf(index);
  }

  get lastEnd(): Instant | undefined {
    return this.length === 0 ? undefined : this.endOf(this.last);
  }

  visit(from: Instant, to: Instant, sink: SampleSink): void {
    const { capacity, counts, values } = this.page;
    const last = Math.min(this.last, this.#indexAt(to));
    let index = Math.max(this.first, this.#indexAt(from) + 1);
    let cell = this.place * capacity + (index % capacity);
    const cellsEnd = (this.place + 1) * capacity;
    const total = 2 * this.place * capacity;
    for (; index <= last; index++) {
      const count = counts[cell] ?? absentCount;
      if (count >= 0) {
        const at = total + cell;
        const minimum = values[at + capacity] ?? 0;
        const maximum = values[at + 2 * capacity] ?? 0;
        sink.take(this.endOf(index), count, values[at] ?? 0, minimum, maximum);
      }
      cell = cell + 1 === cellsEnd ? cellsEnd - capacity : cell + 1;
    }
  }

  columns(): SampleColumns {
    const columns = columnsOfLength(this.length);
    let at = 0;
    const take: SampleSink['take'] = (end, count, total, minimum, maximum) => {
      columns.times[at] = end - this.grainMs;
      columns.counts[at] = count;
      columns.totals[at] = total;
      columns.minimums[at] = minimum;
      columns.maximums[at++] = maximum;
    };
    this.visit(-Infinity as Instant, Infinity as Instant, { take });
    return columns;
  }

  /** Gives the cells back. Nothing may be asked of it any more. */
  release(): void {
    this.length = 0;
    this.last = this.first - 1;
    this.#pages.give(this.page, this.place);
  }

  has(index: number): boolean {
    const { capacity, counts } = this.page;
    return (counts[this.place * capacity + (index % capacity)] ?? absentCount) >= 0;
  }

  endOf(index: number): Instant {
    return (this.phaseMs + index * this.grainMs) as Instant;
  }

  /** The newest index that ends at or before `at`. */
  #indexAt(at: Instant): number {
    return Math.floor((at - this.phaseMs) / this.grainMs);
  }

  /** Makes `index` one of first … last. */
  #reach(index: number, expected: number): boolean {
    if (this.length === 0) {
      this.rewrites++;
      this.first = index;
      this.last = index;
      this.#clear(index, index);
      return true;
    }
    if (blockOf(index) < blockOf(this.last + 1)) this.rewrites++;
    const first = Math.min(this.first, index);
    const last = Math.max(this.last, index);
    const span = last - first + 1;
    if (span > this.page.capacity) {
      if (!isDense(span, this.length + 1)) return false;
      this.#relay(grownCapacity(this.page.capacity, span, expected), this.page);
    }
    this.#clear(this.last + 1, last);
    this.#clear(first, this.first - 1);
    this.first = first;
    this.last = last;
    return true;
  }

  #clear(from: number, to: number): void {
    const { capacity, counts } = this.page;
    for (let index = from; index <= to; index++) {
      counts[this.place * capacity + (index % capacity)] = absentCount;
    }
  }

  /** Moves into cells of another capacity or form. */
  #relay(capacity: number, form: CellForm): void {
    const { page, place } = this;
    const next = this.#pages.take(capacity, form);
    for (let index = this.first; index <= this.last; index++) {
      copyCell(page, place, next.page, next.place, index);
    }
    this.#pages.give(page, place);
    this.page = next.page;
    this.place = next.place;
  }
}

export function blockOf(index: number): number {
  return Math.floor(index / blockGrains);
}

/** Where in its grain a sample begins; undefined where it cannot have a cell by its index. */
export function phaseOf(time: Instant, grainMs: Millis): Millis | undefined {
  if (!Number.isSafeInteger(time) || !Number.isSafeInteger(grainMs) || time < 0) return undefined;
  return time % grainMs;
}

/** Whether so many cells are not too many for so few samples. */
export function isDense(cells: number, samples: number): boolean {
  return cells <= alwaysDenseCells || cells <= cellsPerSampleMax * samples;
}

function grownCapacity(capacity: number, span: number, expected: number): number {
  if (span <= expected) return Math.min(expected, Math.max(span, 2 * capacity));
  return span + Math.ceil(span / 8);
}

/** `page` where it can hold the sample as it is. */
function formFor(page: CellPage, count: number, { total, minimum, maximum }: RingSample): CellForm {
  const counted =
    page.countBytes === 8 || (Number.isInteger(count) && count <= countMax[page.countBytes]);
  const valued =
    page.valueBytes === 8 || (isSingle(total) && isSingle(minimum) && isSingle(maximum));
  if (counted && valued) return page;
  return {
    countBytes: counted ? page.countBytes : countBytesFor(count),
    valueBytes: valued ? page.valueBytes : 8,
  };
}

const narrowest: CellForm = { countBytes: 1, valueBytes: 4 };
const countMax = { 1: 0x7f, 2: 0x7fff } as const;

function countBytesFor(count: number): CellForm['countBytes'] {
  return Number.isInteger(count) && count <= countMax[2] ? 2 : 8;
}

function isSingle(value: number): boolean {
  return Math.fround(value) === value;
}

function copyCell(from: CellPage, place: number, to: CellPage, toPlace: number, index: number) {
  const slot = index % from.capacity;
  const toSlot = index % to.capacity;
  const count = from.counts[place * from.capacity + slot] ?? absentCount;
  to.counts[toPlace * to.capacity + toSlot] = count;
  for (let column = 0; column < 3; column++) {
    const value = from.values[(3 * place + column) * from.capacity + slot] ?? 0;
    to.values[(3 * toPlace + column) * to.capacity + toSlot] = value;
  }
}
