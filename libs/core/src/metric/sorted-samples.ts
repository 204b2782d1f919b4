import type { Instant, Millis } from '../lang/instant.ts';
import { columnsOfLength } from './sample-columns.ts';
import type { RingSample, SampleColumns, SampleSink } from './sample-columns.ts';

const firstCapacity = 16;

/** Samples whose times have no common phase, or lie far apart: columns in the order of time. */
export class SortedSamples {
  readonly grainMs: Millis;
  #first = 0;
  #end = 0;
  #columns = columnsOfLength(firstCapacity);

  constructor(grainMs: Millis) {
    this.grainMs = grainMs;
  }

  get length(): number {
    return this.#end - this.#first;
  }

  /** Replaces the sample of the same time. True where it had to take more memory. */
  put({ time, count, total, minimum, maximum }: RingSample): boolean {
    const { length } = this.#columns.times;
    const place = this.#placeOf(time);
    const taken = place < this.#end && this.#columns.times[place] === time;
    const at = taken ? place : this.#open(place);
    const { times, counts, totals, minimums, maximums } = this.#columns;
    times[at] = time;
    counts[at] = count > 0 ? count : 0;
    totals[at] = total;
    minimums[at] = minimum;
    maximums[at] = maximum;
    return times.length > length;
  }

  /** Forgets samples that end at or before `at`, and the oldest beyond `samplesMax`. */
  forget(at: Instant, samplesMax: number): void {
    while (this.#first < this.#end && this.#endOf(this.#first) <= at) this.#first++;
    this.#first = Math.max(this.#first, this.#end - samplesMax);
  }

  newestEnd(now: Instant): Instant | undefined {
    for (let i = this.#end - 1; i >= this.#first; i--) {
      if (this.#endOf(i) <= now) return this.#endOf(i);
    }
    return undefined;
  }

  nextEnd(now: Instant): Instant | undefined {
    let next: Instant | undefined;
    for (let i = this.#end - 1; i >= this.#first && this.#endOf(i) > now; i--) {
      next = this.#endOf(i);
    }
    return next;
  }

  get lastEnd(): Instant | undefined {
    return this.length === 0 ? undefined : this.#endOf(this.#end - 1);
  }

  visit(from: Instant, to: Instant, sink: SampleSink): void {
    const { counts, totals, minimums, maximums } = this.#columns;
    for (let i = this.#placeOf((from - this.grainMs) as Instant); i < this.#end; i++) {
      const end = this.#endOf(i);
      if (end > to) return;
      if (end <= from) continue;
      sink.take(end, counts[i] ?? 0, totals[i] ?? 0, minimums[i] ?? 0, maximums[i] ?? 0);
    }
  }

  columns(): SampleColumns {
    const part = (column: Float64Array) => column.slice(this.#first, this.#end);
    return mapColumns(this.#columns, part);
  }

  #endOf(place: number): Instant {
    return ((this.#columns.times[place] ?? 0) + this.grainMs) as Instant;
  }

  /** The first place whose time is not before `time`. New samples come at the end, so it looks there first. */
  #placeOf(time: Instant): number {
    const { times } = this.#columns;
    if (this.length === 0 || time > (times[this.#end - 1] ?? 0)) return this.#end;
    let low = this.#first;
    let high = this.#end;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((times[middle] ?? 0) < time) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** Makes room for one sample at `place`; answers where that is now. */
  #open(place: number): number {
    const offset = place - this.#first;
    if (this.#end === this.#columns.times.length) this.#grow();
    const at = this.#first + offset;
    mapColumns(this.#columns, (column) => column.copyWithin(at + 1, at, this.#end));
    this.#end++;
    return at;
  }

  /** Moves to the front, into columns twice as long where more than half is in use. */
  #grow(): void {
    const used = this.length;
    const { length } = this.#columns.times;
    const capacity = used * 2 > length ? length * 2 : length;
    this.#columns = mapColumns(this.#columns, (column) => {
      const next = new Float64Array(capacity);
      next.set(column.subarray(this.#first, this.#end));
      return next;
    });
    this.#first = 0;
    this.#end = used;
  }
}

function mapColumns(
  { times, counts, totals, minimums, maximums }: SampleColumns,
  map: (column: Float64Array) => Float64Array,
): SampleColumns {
  return {
    times: map(times),
    counts: map(counts),
    totals: map(totals),
    minimums: map(minimums),
    maximums: map(maximums),
  };
}
