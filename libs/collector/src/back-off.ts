import { after, hourMs, instant, minuteMs, secondMs } from '@headroom/core';
import type { Instant, Millis } from '@headroom/core';
import type { DependencyUnavailable } from '@headroom/ports';

const firstMs: Millis = 2 * secondMs;
const mostMs: Millis = minuteMs;
/** The longest that is believed where it says itself how long. */
const toldMostMs: Millis = hourMs;

/** When something that did not answer may be asked again: as it says itself, or later after each failure in a row. */
export class BackOff {
  #failures = 0;
  #until = instant(-Infinity);
  #problem: string | undefined;

  failed(error: DependencyUnavailable, now: Instant): Millis {
    const { retryAfterMs: toldMs } = error;
    const ownMs = Math.min(firstMs * 2 ** this.#failures, mostMs);
    const waitMs = toldMs === undefined ? ownMs : Math.min(toldMs, toldMostMs);
    this.#failures++;
    this.#problem = error.message;
    this.#until = after(now, waitMs);
    return waitMs;
  }

  /** True where it had failed before. */
  answered(): boolean {
    const hadFailed = this.#failures > 0;
    this.#failures = 0;
    this.#problem = undefined;
    this.#until = instant(-Infinity);
    return hadFailed;
  }

  mayAsk(now: Instant): boolean {
    return now >= this.#until;
  }

  /** What it failed with, until it answers. */
  get problem(): string | undefined {
    return this.#problem;
  }
}
