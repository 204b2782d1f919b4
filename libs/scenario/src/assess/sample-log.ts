import { after, sampleEnd } from '@headroom/core';
import type { Instant, Millis, Sample } from '@headroom/core';

/** Samples by the end of their grain: what is known when, at any age of the data. */
export class SampleLog {
  readonly #samples: readonly Sample[];
  readonly #ends: Float64Array;

  constructor(samples: readonly Sample[]) {
    this.#samples = samples.toSorted((a, b) => sampleEnd(a) - sampleEnd(b));
    this.#ends = Float64Array.from(this.#samples, sampleEnd);
  }

  /** All of them, by their ends. */
  get all(): readonly Sample[] {
    return this.#samples;
  }

  /** Those that ended in (from, to]. */
  endedIn(from: Instant, to: Instant): readonly Sample[] {
    return this.#samples.slice(this.#after(from), this.#after(to));
  }

  /** What comes in (from, to], together where it ended together. */
  *arrivals(ageMs: Millis, from: Instant, to: Instant): Generator<SamplesAt, undefined> {
    let place = this.#after(after(from, -ageMs));
    const last = this.#after(after(to, -ageMs));
    while (place < last) {
      const next = this.#after((this.#ends[place] ?? NaN) as Instant);
      const at = after((this.#ends[place] ?? NaN) as Instant, ageMs);
      yield { at, samples: this.#samples.slice(place, next) };
      place = next;
    }
    return undefined;
  }

  /** The place of the first that ended after `at`. */
  #after(at: Instant): number {
    let low = 0;
    let high = this.#ends.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#ends[middle] ?? NaN) <= at) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

export interface SamplesAt {
  readonly at: Instant;
  readonly samples: readonly Sample[];
}
