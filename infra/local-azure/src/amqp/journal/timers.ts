import { Heap } from './heap.ts';

interface Timer {
  readonly atMs: number;
  readonly run: () => void;
}

/** The clock of a test may jump: no wait is longer than this. */
const MAX_WAIT_MS = 1000;

/**
 * All deadlines (locks, schedules, time to live) in one heap with one timer. There is no cancel:
 * who
 * sets a deadline checks, when it comes, whether it still means something.
 */
export class Timers {
  readonly #clock: () => number;
  readonly #heap = new Heap<Timer>((timer) => timer.atMs);
  #handle: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(clock: () => number) {
    this.#clock = clock;
  }

  at(atMs: number, run: () => void): void {
    if (this.#closed) return;
    this.#heap.push({ atMs, run });
    if (this.#heap.peek()?.run === run || this.#handle === undefined) this.#arm();
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#handle);
    this.#heap.clear();
  }

  #arm(): void {
    clearTimeout(this.#handle);
    this.#handle = undefined;
    const next = this.#heap.peek();
    if (next === undefined || this.#closed) return;
    const waitMs = Math.min(Math.max(Math.ceil(next.atMs - this.#clock()), 0), MAX_WAIT_MS);
    this.#handle = setTimeout(() => this.#fire(), waitMs);
    this.#handle.unref();
  }

  #fire(): void {
    const now = this.#clock();
    for (let next = this.#heap.peek(); next && next.atMs <= now; next = this.#heap.peek()) {
      this.#heap.pop();
      next.run();
    }
    this.#arm();
  }
}
