import { secondMs } from '@headroom/core';
import type { Instant, Millis } from '@headroom/core';

const memoryMinMs = 2 * secondMs;
const measureMinMs = 200;

/** What is asked for a second: the rate of late, or an earlier higher one that fades. */
export class Demand {
  #asked = 0;
  #since: Instant | undefined;
  #perSecond = 0;

  ask(amount: number): void {
    this.#asked += amount;
  }

  /** Whether anything was asked since it was last measured, or a little before. */
  get isActive(): boolean {
    return this.#asked > 0 || this.#perSecond > 0;
  }

  /** At most `most`. `windowMs`: of the limit; what is asked now and then must not be forgotten within it. */
  measure(time: Instant, windowMs: Millis, most: number): number {
    const elapsedMs = time - (this.#since ?? time - secondMs);
    if (elapsedMs < measureMinMs) return this.#perSecond;
    const rate = (this.#asked * secondMs) / elapsedMs;
    const faded = this.#perSecond * Math.exp(-elapsedMs / Math.max(windowMs, memoryMinMs));
    const next = Math.min(Math.max(rate, faded), most);
    this.#perSecond = next < 1e-3 ? 0 : next;
    this.#since = time;
    this.#asked = 0;
    return this.#perSecond;
  }
}
