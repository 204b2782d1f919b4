import { hourMs, TimeZone } from '@headroom/core';
import type { Instant, LocalTime } from '@headroom/core';

export interface Day {
  /** `2026-11-28`. */
  readonly name: string;
  readonly until: Instant;
}

/** The days of a time zone; one on which clocks change has more or fewer hours. */
export class Days {
  readonly #zone: TimeZone;
  #last: Day | undefined;

  /** Throws a `RangeError` where the runtime does not know the zone. */
  constructor(timeZone: string) {
    this.#zone = new TimeZone(timeZone);
  }

  /** To be asked about times that do not go back. */
  at(time: Instant): Day {
    if (this.#last !== undefined && time < this.#last.until) return this.#last;
    const dayMs = 24 * hourMs;
    const begin = Math.floor(this.#zone.localTimeAt(time) / dayMs) * dayMs;
    const until = this.#zone.instantOf((begin + dayMs) as LocalTime);
    this.#last = { name: new Date(begin).toISOString().slice(0, 10), until };
    return this.#last;
  }
}
