import type { Instant, Millis } from '@headroom/core';
import { callerGrains, callersMax } from './named-limits.ts';
import { SlidingCount } from './sliding-count.ts';

interface Caller {
  readonly asked: SlidingCount;
  readonly taken: SlidingCount;
}

/**
 * Who asks for a limit, and who gets it, within its window. A caller may take its greatest share, and beyond it what
 * nobody else asked for. So one alone has all of it, and what others ask for is theirs a window later at the latest.
 */
export class Callers {
  readonly #grainMs: Millis;
  readonly #asked: SlidingCount;
  readonly #callers = new Map<string, Caller>();
  /** Callers that are too many to be told apart share one place. */
  readonly #rest: Caller;
  #sweptAt = -Infinity as Instant;

  constructor(periodMs: Millis) {
    this.#grainMs = periodMs / callerGrains;
    this.#asked = new SlidingCount(this.#grainMs);
    this.#rest = this.#newCaller();
  }

  get size(): number {
    return this.#callers.size;
  }

  ask(name: string, time: Instant, windowMs: Millis): void {
    const caller = this.#callers.get(name) ?? this.#admit(name, time, windowMs);
    this.#asked.sum(time, windowMs);
    this.#asked.add(time, 1, Infinity, windowMs);
    caller.asked.sum(time, windowMs);
    caller.asked.add(time, 1, Infinity, windowMs);
  }

  /** Whether one more call of the caller, which has just asked, is within its share of `allowed`. */
  mayTake(name: string, share: number, allowed: number, time: Instant, windowMs: Millis): boolean {
    const { asked, taken } = this.#of(name);
    const next = taken.sum(time, windowMs) + 1;
    // Where a share is less than a call, each may have one.
    if (next <= 1 || next <= share * allowed) return true;
    const others = this.#asked.sum(time, windowMs) - asked.sum(time, windowMs);
    return others === 0 || next <= allowed - others;
  }

  take(name: string, time: Instant, windowMs: Millis): void {
    this.#of(name).taken.add(time, 1, Infinity, windowMs);
  }

  /** Until one of its calls leaves the window. */
  retryIn(name: string, time: Instant, windowMs: Millis): Millis {
    return this.#of(name).taken.freeIn(1, time, windowMs);
  }

  #of(name: string): Caller {
    return this.#callers.get(name) ?? this.#rest;
  }

  #admit(name: string, time: Instant, windowMs: Millis): Caller {
    if (this.#callers.size >= callersMax) this.#sweep(time, windowMs);
    if (this.#callers.size >= callersMax) return this.#rest;
    const caller = this.#newCaller();
    this.#callers.set(name, caller);
    return caller;
  }

  /** Forgets who has not asked within the window; it looks for them once in a while only. */
  #sweep(time: Instant, windowMs: Millis): void {
    if (time - this.#sweptAt < windowMs / 4) return;
    this.#sweptAt = time;
    for (const [name, { asked, taken }] of this.#callers) {
      if (asked.sum(time, windowMs) === 0 && taken.sum(time, windowMs) === 0) {
        this.#callers.delete(name);
      }
    }
  }

  #newCaller(): Caller {
    return { asked: new SlidingCount(this.#grainMs), taken: new SlidingCount(this.#grainMs) };
  }
}
