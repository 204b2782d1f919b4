import type { Instant, Millis } from '@headroom/core';

/** The most that one call asked for, of late: remembered for one span to two. */
export class Largest {
  #inSpan = 0;
  #before = 0;
  #since: Instant | undefined;

  saw(amount: number): void {
    if (amount > this.#inSpan) this.#inSpan = amount;
  }

  at(time: Instant, spanMs: Millis): number {
    this.#since ??= time;
    if (time - this.#since >= spanMs) {
      this.#before = this.#inSpan;
      this.#inSpan = 0;
      this.#since = time;
    }
    return Math.max(this.#inSpan, this.#before);
  }
}
