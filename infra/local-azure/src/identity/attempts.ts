const WINDOW_MS = 60_000;
/** Far above what clients that keep their tokens need; below what makes signing a burden. */
export const MAX_REQUESTS = 1000;
/** A guesser gets as many tries a minute at a secret of 256 bits. */
export const MAX_FAILURES = 60;

/** Bounds what is asked of the token endpoints in a minute. */
export class Attempts {
  readonly #clock: () => number;
  #startedMs = -Infinity;
  #requests = 0;
  #failures = 0;

  constructor(clock: () => number) {
    this.#clock = clock;
  }

  /** Counts a request; answers the seconds to wait when there were too many, else 0. */
  begin(): number {
    const now = this.#clock();
    if (now - this.#startedMs >= WINDOW_MS) {
      this.#startedMs = now;
      this.#requests = 0;
      this.#failures = 0;
    }
    this.#requests += 1;
    if (this.#requests <= MAX_REQUESTS && this.#failures < MAX_FAILURES) return 0;
    return Math.ceil((this.#startedMs + WINDOW_MS - now) / 1000);
  }

  /** A wrong secret was given. */
  failed(): void {
    this.#failures += 1;
  }
}
