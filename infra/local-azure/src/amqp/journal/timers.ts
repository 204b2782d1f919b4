import { Heap } from './heap.ts';

interface Timer {
  readonly atMs: number;
  /** Timers of one time run in the order in which they were set. */
  readonly order: number;
  /** Absent once it ran or was cancelled. */
  run: (() => void) | undefined;
}

/** The clock of a test may jump: no wait is longer than this. */
const MAX_WAIT_MS = 250;

/**
 * All deadlines (locks, schedules, time to live) in one heap with one timer. Most are cancelled long
 * before they come: the heap lets go of those in bulk.
 */
export class Timers {
  readonly #clock: () => number;
  readonly #heap = new Heap<Timer>(
    (a, b) => a.atMs - b.atMs || a.order - b.order,
    (timer) => timer.run === undefined,
  );
  #handle: NodeJS.Timeout | undefined;
  #closed = false;
  #nextOrder = 0;

  constructor(clock: () => number) {
    this.#clock = clock;
  }

  /** Deadlines in memory; of the cancelled ones at most as many again, and a few. */
  get size(): number {
    return this.#heap.size;
  }

  /** Runs `run` at a time, unless it is cancelled before by the function that is returned. */
  at(atMs: number, run: () => void): () => void {
    const timer: Timer = { atMs, order: this.#nextOrder++, run };
    if (this.#closed) return () => undefined;
    this.#heap.push(timer);
    if (this.#heap.peek() === timer || this.#handle === undefined) this.#arm();
    return () => this.#cancel(timer);
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#handle);
    this.#heap.clear();
  }

  #cancel(timer: Timer): void {
    if (timer.run === undefined) return;
    timer.run = undefined;
    this.#heap.noteGone();
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
      const { run } = next;
      next.run = undefined;
      run?.();
    }
    this.#arm();
  }
}
