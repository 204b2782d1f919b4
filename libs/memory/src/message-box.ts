import { after } from '@headroom/core';
import type { Instant, Millis } from '@headroom/core';
import { DependencyUnavailable } from '@headroom/ports';
import type { Clock } from '@headroom/ports';
import { Bell } from './bell.ts';

/** Messages that are handled at once by `run`. */
export const concurrencyMax = 8;
/** How long receiving pauses when a handler finds a dependency away and nobody says how long. */
export const pauseMs: Millis = 1000;

export interface Letter<T> {
  readonly id: string;
  readonly body: T;
  /** Deliveries before this one. */
  readonly deliveries: number;
  readonly dueAt: Instant;
}

/** Resolves with what is left to do if the lock is still held then: dead-lettering, for example. */
export type Handle<T> = (letter: Letter<T>) => Promise<(() => void) | undefined>;

/**
 * Messages under peek-lock, oldest first. Settled by the handler's end: resolved is gone, rejected comes again with one
 * more delivery. A dependency that is away is no fault of the message: it comes again uncounted, after a pause.
 *
 *   put ─► waiting ─► locked ─► gone
 *             ▲          ├────► dead   (deliveries used up)
 *             └──────────┘
 */
export class MessageBox<T> {
  readonly #clock: Clock;
  readonly #deliveriesMax: number;
  readonly #dead: (letter: Letter<T>) => void;
  readonly #bell = new Bell();
  readonly #locked = new Set<Letter<T>>();
  #waiting: Letter<T>[] = [];
  #pausedUntil: Instant | undefined;

  constructor(clock: Clock, deliveriesMax: number, dead: (letter: Letter<T>) => void) {
    this.#clock = clock;
    this.#deliveriesMax = deliveriesMax;
    this.#dead = dead;
  }

  /** What waits, scheduled ones included. */
  get waiting(): readonly Letter<T>[] {
    return this.#waiting;
  }

  put(id: string, body: T, dueAt: Instant = this.#clock.now()): void {
    this.#waiting.push({ id, body, deliveries: 0, dueAt });
    this.#bell.ring();
  }

  /** The holder of every lock is gone: what it held comes again. */
  releaseLocks(): void {
    for (const letter of [...this.#locked]) this.#release(letter);
  }

  /** Handles once what is due now, one after the other. Answers how many were handled. */
  async deliver(handle: Handle<T>): Promise<number> {
    let handled = 0;
    for (let left = this.#due().length; left > 0; left--) {
      const letter = this.#lock();
      if (letter === undefined) break;
      await this.#settle(letter, handle);
      handled++;
    }
    return handled;
  }

  /** Handles what comes, several at a time, until `signal` aborts and all are settled. */
  async run(handle: Handle<T>, signal: AbortSignal): Promise<void> {
    const running = new Set<Promise<void>>();
    while (!signal.aborted) {
      const seen = this.#bell.count;
      const letter = running.size < concurrencyMax ? this.#lock() : undefined;
      if (letter === undefined) {
        await this.#next(seen, running.size, signal);
        continue;
      }
      const settled = this.#settle(letter, handle).finally(() => {
        running.delete(settled);
        this.#bell.ring();
      });
      running.add(settled);
    }
    await Promise.all(running);
  }

  async #settle(letter: Letter<T>, handle: Handle<T>): Promise<void> {
    try {
      const finish = await handle(letter);
      if (this.#locked.delete(letter)) finish?.();
    } catch (error) {
      if (error instanceof DependencyUnavailable) this.#pause(letter, error);
      else this.#release(letter);
    }
  }

  #pause(letter: Letter<T>, error: DependencyUnavailable): void {
    if (!this.#locked.delete(letter)) return;
    this.#pausedUntil = after(this.#clock.now(), error.retryAfterMs ?? pauseMs);
    this.#waiting.unshift(letter);
    this.#bell.ring();
  }

  #release(letter: Letter<T>): void {
    if (!this.#locked.delete(letter)) return;
    const again = { ...letter, deliveries: letter.deliveries + 1 };
    if (again.deliveries >= this.#deliveriesMax) this.#dead(again);
    else this.#waiting.push(again);
    this.#bell.ring();
  }

  #due(): readonly Letter<T>[] {
    const now = this.#clock.now();
    if (this.#pausedUntil !== undefined && this.#pausedUntil > now) return [];
    return this.#waiting.filter(({ dueAt }) => dueAt <= now);
  }

  #lock(): Letter<T> | undefined {
    const letter = this.#due()[0];
    if (letter === undefined) return undefined;
    this.#waiting = this.#waiting.filter((other) => other !== letter);
    this.#locked.add(letter);
    return letter;
  }

  /** Until something changes, or the clock reaches the next due time. */
  async #next(seen: number, running: number, signal: AbortSignal): Promise<void> {
    const inMs = this.#nextInMs();
    // It became due since it was looked for: a clock that runs by itself moves between two lines.
    if (inMs !== undefined && inMs <= 0 && running < concurrencyMax) return;
    const woken = new AbortController();
    const either = AbortSignal.any([signal, woken.signal]);
    const waits = [this.#bell.after(seen, either)];
    if (inMs !== undefined && inMs > 0) waits.push(this.#clock.wait(inMs, either));
    await Promise.race(waits);
    woken.abort();
  }

  #nextInMs(): Millis | undefined {
    if (this.#waiting.length === 0) return undefined;
    const dueAt = Math.min(...this.#waiting.map((letter) => letter.dueAt));
    return Math.max(dueAt, this.#pausedUntil ?? dueAt) - this.#clock.now();
  }
}
