import { secondMs } from '@headroom/core';
import type { Instant, Millis } from '@headroom/core';

/** An argument that is older by less was read earlier: the clock was not set back. */
const staleMs = secondMs;

/** Time that stands still when the clock that it is told from is set back, and goes on with it then. */
export class ForwardClock {
  #aheadMs = 0;
  /** Where it is. */
  time = -Infinity as Instant;

  at(now: Instant): Instant {
    const time = now + this.#aheadMs;
    if (time > this.time) this.time = time as Instant;
    else if (time < this.time - staleMs) this.#aheadMs += this.time - time;
    return this.time;
  }
}

/** As `ForwardClock`, and in one step it goes no further than `stepMaxMs`: a clock set ahead ends no window. */
export class SteadyClock {
  readonly #stepMaxMs: Millis;
  #last: Instant | undefined;
  #steady = 0 as Instant;

  constructor(stepMaxMs: Millis) {
    this.#stepMaxMs = stepMaxMs;
  }

  at(now: Instant): Instant {
    if (this.#last === undefined) this.#steady = now;
    else {
      const step = Math.min(Math.max(0, now - this.#last), this.#stepMaxMs);
      this.#steady = (this.#steady + step) as Instant;
    }
    this.#last = now;
    return this.#steady;
  }
}
