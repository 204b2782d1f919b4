import { setImmediate } from 'node:timers/promises';
import { after, assert } from '@headroom/core';
import type { Instant, Millis } from '@headroom/core';
import type { Clock } from '@headroom/ports';

/** A clock that moves when it is told to. Whoever waits on it is woken in the order of due times. */
export class VirtualClock implements Clock {
  readonly #start: Instant;
  #now: Instant;
  readonly #sleepers = new Set<Sleeper>();

  constructor(start: Instant) {
    this.#start = start;
    this.#now = start;
  }

  now(): Instant {
    return this.#now;
  }

  monotonicMs(): Millis {
    return this.#now - this.#start;
  }

  async wait(ms: Millis, signal?: AbortSignal): Promise<void> {
    if (ms <= 0 || signal?.aborted === true) return;
    await new Promise<void>((resolve) => {
      const sleeper: Sleeper = { dueAt: after(this.#now, ms), wake: () => undefined };
      sleeper.wake = () => {
        this.#sleepers.delete(sleeper);
        signal?.removeEventListener('abort', sleeper.wake);
        resolve();
      };
      this.#sleepers.add(sleeper);
      signal?.addEventListener('abort', sleeper.wake);
    });
  }

  /** How many wait. A test that must not advance before its subject waits polls this. */
  get sleepers(): number {
    return this.#sleepers.size;
  }

  /**
   * Moves time on by `ms`, stopping at each due time on the way so that what wakes there sees its own hour and may wait
   * again within the span.
   */
  async advance(ms: Millis): Promise<void> {
    assert(ms >= 0, `a clock does not go back: ${ms} ms`);
    const end = after(this.#now, ms);
    await setImmediate();
    for (let next = this.#nextBy(end); next !== undefined; next = this.#nextBy(end)) {
      this.#now = next.dueAt;
      next.wake();
      await setImmediate();
    }
    this.#now = end;
  }

  #nextBy(end: Instant): Sleeper | undefined {
    let next: Sleeper | undefined;
    for (const sleeper of this.#sleepers) {
      if (sleeper.dueAt <= end && (next === undefined || sleeper.dueAt < next.dueAt))
        next = sleeper;
    }
    return next;
  }
}

interface Sleeper {
  readonly dueAt: Instant;
  wake: () => void;
}
