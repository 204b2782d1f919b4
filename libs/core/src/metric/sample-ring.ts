import { assert } from '../lang/assert.ts';
import type { Instant, Millis } from '../lang/instant.ts';
import type { Sample } from './sample.ts';

/** Most samples that one series keeps at one grain: 12 hours at 5 seconds fit twice. */
export const ringSamplesMax = 20_000;

const initialCapacity = 32;

/** Columns of a ring, oldest first. */
export interface SampleColumns {
  readonly times: Float64Array;
  readonly counts: Float64Array;
  readonly totals: Float64Array;
  readonly minimums: Float64Array;
  readonly maximums: Float64Array;
}

/**
 * The samples of one series at one grain, ordered by time, in typed columns. What it holds depends only on which samples
 * came in, not on their order: a later one of the same time replaces, a late one is put in its place.
 */
export class SampleRing {
  readonly grainMs: Millis;
  #first = 0;
  #end = 0;
  #times = new Float64Array(initialCapacity);
  #counts = new Float64Array(initialCapacity);
  #totals = new Float64Array(initialCapacity);
  #minimums = new Float64Array(initialCapacity);
  #maximums = new Float64Array(initialCapacity);

  constructor(grainMs: Millis) {
    assert(grainMs > 0, 'a grain is longer than nothing');
    this.grainMs = grainMs;
  }

  get length(): number {
    return this.#end - this.#first;
  }

  /** Replaces the sample of the same time, if there is one. */
  put(sample: Sample): void {
    const place = this.#placeOf(sample.time);
    const taken = place < this.#end && this.#times[place] === sample.time;
    const at = taken ? place : this.#open(place);
    this.#times[at] = sample.time;
    this.#counts[at] = sample.count;
    this.#totals[at] = sample.total;
    this.#minimums[at] = sample.minimum;
    this.#maximums[at] = sample.maximum;
  }

  /** Forgets samples that end at or before `at`, and the oldest beyond the limit. */
  forget(at: Instant): void {
    while (this.#first < this.#end && this.#endOf(this.#first) <= at) this.#first++;
    if (this.length > ringSamplesMax) this.#first = this.#end - ringSamplesMax;
  }

  /** End of the newest sample that ends at or before `now`. */
  newestEnd(now: Instant): Instant | undefined {
    for (let i = this.#end - 1; i >= this.#first; i--) {
      if (this.#endOf(i) <= now) return this.#endOf(i);
    }
    return undefined;
  }

  /** End of the oldest sample that ends after `now`. */
  nextEnd(now: Instant): Instant | undefined {
    let next: Instant | undefined;
    for (let i = this.#end - 1; i >= this.#first && this.#endOf(i) > now; i--)
      next = this.#endOf(i);
    return next;
  }

  /** End of the newest sample, however far ahead it lies. */
  get lastEnd(): Instant | undefined {
    return this.length === 0 ? undefined : this.#endOf(this.#end - 1);
  }

  /** Calls `visit` for each sample that ends in (from, to], oldest first. */
  visit(from: Instant, to: Instant, visit: SampleVisitor): void {
    for (let i = this.#placeOf((from - this.grainMs) as Instant); i < this.#end; i++) {
      const end = this.#endOf(i);
      if (end > to) return;
      if (end <= from) continue;
      visit(
        end,
        this.#counts[i] ?? 0,
        this.#totals[i] ?? 0,
        this.#minimums[i] ?? 0,
        this.#maximums[i] ?? 0,
      );
    }
  }

  columns(): SampleColumns {
    const part = (column: Float64Array) => column.slice(this.#first, this.#end);
    return {
      times: part(this.#times),
      counts: part(this.#counts),
      totals: part(this.#totals),
      minimums: part(this.#minimums),
      maximums: part(this.#maximums),
    };
  }

  static of(grainMs: Millis, columns: SampleColumns): SampleRing {
    const ring = new SampleRing(grainMs);
    ring.#end = columns.times.length;
    ring.#times = columns.times.slice();
    ring.#counts = columns.counts.slice();
    ring.#totals = columns.totals.slice();
    ring.#minimums = columns.minimums.slice();
    ring.#maximums = columns.maximums.slice();
    return ring;
  }

  #endOf(place: number): Instant {
    return ((this.#times[place] ?? 0) + this.grainMs) as Instant;
  }

  /** The first place whose time is not before `time`. New samples come at the end, so it looks there first. */
  #placeOf(time: Instant): number {
    if (this.length === 0 || time > (this.#times[this.#end - 1] ?? 0)) return this.#end;
    let low = this.#first;
    let high = this.#end;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#times[middle] ?? 0) < time) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** Makes room for one sample at `place`; answers where that is now. */
  #open(place: number): number {
    const offset = place - this.#first;
    if (this.#end === this.#times.length) this.#grow();
    const at = this.#first + offset;
    if (at < this.#end) {
      for (const column of this.#all()) column.copyWithin(at + 1, at, this.#end);
    }
    this.#end++;
    return at;
  }

  /** Moves to the front, into columns twice as long where more than half is in use. */
  #grow(): void {
    const used = this.length;
    const capacity = used * 2 > this.#times.length ? this.#times.length * 2 : this.#times.length;
    const moved = (column: Float64Array<ArrayBuffer>) => {
      const next = new Float64Array(capacity);
      next.set(column.subarray(this.#first, this.#end));
      return next;
    };
    this.#times = moved(this.#times);
    this.#counts = moved(this.#counts);
    this.#totals = moved(this.#totals);
    this.#minimums = moved(this.#minimums);
    this.#maximums = moved(this.#maximums);
    this.#first = 0;
    this.#end = used;
  }

  #all(): readonly Float64Array[] {
    return [this.#times, this.#counts, this.#totals, this.#minimums, this.#maximums];
  }
}

export type SampleVisitor = (
  end: Instant,
  count: number,
  total: number,
  minimum: number,
  maximum: number,
) => void;
