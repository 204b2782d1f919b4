import type { Instant, Millis } from '@headroom/core';

/**
 * What was counted in the time that ends now. Entries lie in a ring, the oldest first; what is closer together than a
 * grain is one entry with the time of its last: nothing leaves the window too early, and at most a grain too late.
 */
export class SlidingCount {
  grainMs: Millis;
  #times = new Float64Array(8);
  #amounts = new Float64Array(8);
  #head = 0;
  #size = 0;
  /** Number of the oldest entry. */
  #oldest = 0;
  #sum = 0;

  constructor(grainMs: Millis) {
    this.grainMs = grainMs;
  }

  /** What happened at `now - windowMs` has left. `now` never goes back. */
  sum(now: Instant, windowMs: Millis): number {
    const from = now - windowMs;
    const mask = this.#times.length - 1;
    while (this.#size > 0 && (this.#times[this.#head] ?? 0) <= from) {
      this.#sum -= this.#amounts[this.#head] ?? 0;
      this.#head = (this.#head + 1) & mask;
      this.#oldest++;
      if (--this.#size === 0) this.#sum = 0;
    }
    return this.#sum;
  }

  /** Answers the number of the entry, for `giveBack`. */
  add(now: Instant, amount: number): number {
    const mask = this.#times.length - 1;
    const last = (this.#head + this.#size - 1) & mask;
    this.#sum += amount;
    if (this.#size > 0 && this.#grainOf(this.#times[last] ?? 0) === this.#grainOf(now)) {
      this.#times[last] = now;
      this.#amounts[last] = (this.#amounts[last] ?? 0) + amount;
      return this.#oldest + this.#size - 1;
    }
    if (this.#size > mask) this.#grow();
    const at = (this.#head + this.#size) & (this.#times.length - 1);
    this.#times[at] = now;
    this.#amounts[at] = amount;
    return this.#oldest + this.#size++;
  }

  /** Of an entry that has left there is nothing to give back. */
  giveBack(entry: number, amount: number): void {
    if (entry < this.#oldest) return;
    const at = (this.#head + entry - this.#oldest) & (this.#times.length - 1);
    this.#amounts[at] = (this.#amounts[at] ?? 0) - amount;
    this.#sum -= amount;
  }

  /** Until the window is empty. */
  emptyIn(now: Instant, windowMs: Millis): Millis {
    if (this.#size === 0) return 0;
    const last = (this.#head + this.#size - 1) & (this.#times.length - 1);
    return Math.max(0, (this.#times[last] ?? 0) + windowMs - now);
  }

  /** Until `amount` has left it. */
  leavesIn(amount: number, now: Instant, windowMs: Millis): Millis {
    const mask = this.#times.length - 1;
    let left = 0;
    for (let i = 0; i < this.#size; i++) {
      const at = (this.#head + i) & mask;
      left += this.#amounts[at] ?? 0;
      if (left >= amount) return Math.max(0, (this.#times[at] ?? 0) + windowMs - now);
    }
    return windowMs;
  }

  #grainOf(time: number): number {
    return Math.floor(time / this.grainMs);
  }

  #grow(): void {
    const [times, amounts] = [this.#times, this.#amounts];
    this.#times = new Float64Array(times.length * 2);
    this.#amounts = new Float64Array(times.length * 2);
    for (let i = 0; i < this.#size; i++) {
      const at = (this.#head + i) & (times.length - 1);
      this.#times[i] = times[at] ?? 0;
      this.#amounts[i] = amounts[at] ?? 0;
    }
    this.#head = 0;
  }
}
