import type { Instant, Millis } from '@headroom/core';

/**
 * What was counted in the window that ends now. A unit has a place from when it came until a window later, where there were
 * places that nobody wanted for a window. Where there were none, it has the place that became free first, from the moment at
 * which that was: else each place would lose the time until somebody comes for it, a tenth of a limit of ten calls a
 * second with three instances. So in the long run a limit in demand gives out exactly what it allows, and after an
 * idle window nothing above it.
 *
 *        dropped  │  free, wanted back   │      taken       │
 *     ────────────┼──────────────────────┼──────────────────┤
 *              now - 2 windows      now - window           now
 *
 * Entries lie in a ring, the oldest first; what is closer together than a grain is one entry with the time of its last.
 */
export class SlidingCount {
  grainMs: Millis;
  #times = new Float64Array(8);
  #amounts = new Float64Array(8);
  #head = 0;
  #size = 0;
  /** Number of the oldest entry. */
  #oldest = 0;
  /** Entries whose places are free again, and their sum. */
  #freed = 0;
  #free = 0;
  #taken = 0;

  constructor(grainMs: Millis) {
    this.grainMs = grainMs;
  }

  /** `now` never goes back. */
  sum(now: Instant, windowMs: Millis): number {
    const mask = this.#times.length - 1;
    while (this.#freed < this.#size) {
      const at = (this.#head + this.#freed) & mask;
      if ((this.#times[at] ?? 0) + windowMs > now) break;
      const amount = this.#amounts[at] ?? 0;
      this.#taken -= amount;
      this.#free += amount;
      this.#freed++;
    }
    while (this.#freed > 0 && (this.#times[this.#head] ?? 0) + 2 * windowMs <= now) this.#drop();
    return this.#taken;
  }

  /** Once `sum` said that there is room among `allowed`. Answers the number of the entry, for `giveBack`. */
  add(now: Instant, amount: number, allowed: number, windowMs: Millis): number {
    const unused = allowed - this.#taken - this.#free;
    // Places that are not allowed any more are nobody's.
    if (unused < 0 && this.#free > 0) this.#takeBack(-unused, windowMs);
    const since = unused >= amount || this.#free < amount ? now : this.#takeBack(amount, windowMs);
    this.#taken += amount;
    const last = (this.#head + this.#size - 1) & (this.#times.length - 1);
    const lastTime = this.#times[last] ?? 0;
    if (this.#size === this.#freed) return this.#append(since, amount);
    if (this.#grainOf(lastTime) < this.#grainOf(since)) return this.#append(since, amount);
    this.#times[last] = Math.max(since, lastTime);
    this.#amounts[last] = (this.#amounts[last] ?? 0) + amount;
    return this.#oldest + this.#size - 1;
  }

  /** Of an entry that has left there is nothing to give back. */
  giveBack(entry: number, amount: number): void {
    const nth = entry - this.#oldest;
    if (nth < 0) return;
    const at = (this.#head + nth) & (this.#times.length - 1);
    const given = Math.min(amount, this.#amounts[at] ?? 0);
    this.#amounts[at] = (this.#amounts[at] ?? 0) - given;
    if (nth < this.#freed) this.#free -= given;
    else this.#taken -= given;
  }

  /** Until everything that is taken is free. */
  emptyIn(now: Instant, windowMs: Millis): Millis {
    if (this.#size === 0) return 0;
    const last = (this.#head + this.#size - 1) & (this.#times.length - 1);
    return Math.max(0, (this.#times[last] ?? 0) + windowMs - now);
  }

  /** Until `amount` of it is. */
  freeIn(amount: number, now: Instant, windowMs: Millis): Millis {
    const mask = this.#times.length - 1;
    let free = 0;
    for (let nth = this.#freed; nth < this.#size; nth++) {
      const at = (this.#head + nth) & mask;
      free += this.#amounts[at] ?? 0;
      if (free >= amount) return Math.max(0, (this.#times[at] ?? 0) + windowMs - now);
    }
    return windowMs;
  }

  /** Takes the places that became free first; answers since when all of them were. */
  #takeBack(amount: number, windowMs: Millis): Instant {
    for (let left = amount; ;) {
      const [time, held] = [this.#times[this.#head] ?? 0, this.#amounts[this.#head] ?? 0];
      if (held > left) {
        this.#amounts[this.#head] = held - left;
        this.#free -= left;
        return (time + windowMs) as Instant;
      }
      left -= held;
      this.#drop();
      if (left <= 0 || this.#freed === 0) return (time + windowMs) as Instant;
    }
  }

  #drop(): void {
    this.#free -= this.#amounts[this.#head] ?? 0;
    this.#head = (this.#head + 1) & (this.#times.length - 1);
    this.#oldest++;
    this.#size--;
    this.#freed--;
  }

  #append(time: number, amount: number): number {
    if (this.#size === this.#times.length) this.#grow();
    const at = (this.#head + this.#size) & (this.#times.length - 1);
    this.#times[at] = time;
    this.#amounts[at] = amount;
    return this.#oldest + this.#size++;
  }

  #grainOf(time: number): number {
    return Math.floor(time / this.grainMs);
  }

  #grow(): void {
    const [times, amounts] = [this.#times, this.#amounts];
    this.#times = new Float64Array(times.length * 2);
    this.#amounts = new Float64Array(times.length * 2);
    for (let nth = 0; nth < this.#size; nth++) {
      const at = (this.#head + nth) & (times.length - 1);
      this.#times[nth] = times[at] ?? 0;
      this.#amounts[nth] = amounts[at] ?? 0;
    }
    this.#head = 0;
  }
}
