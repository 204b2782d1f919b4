import { durationText } from '@headroom/core';
import type { Millis } from '@headroom/core';
import { DependencyUnavailable } from '@headroom/ports';
import type { Clock } from '@headroom/ports';
import { failureOf } from './failure.ts';
import type { Failure } from './failure.ts';

/** Tries of one call. */
const triesMax = 8;
/** Tries of one that nobody answers: a name that does not resolve, a port that nobody listens on. */
const silentTriesMax = 2;
/** Where Azure does not say how long: this, doubling with every try. */
const firstWaitMs = 1000;
/** All waits of one call together, where nothing else is said. */
const waitsUsualMaxMs: Millis = 120_000;

/** The call's answer, or what Azure refused; its waits are kept. */
export type Answered<T> =
  | { readonly ok: true; readonly value: T }
  | (RefusedCall & { readonly ok: false; readonly cause: unknown });
type RefusedCall = Extract<Failure, { kind: 'refused' }>;

/** Calls something of Azure Monitor, again while Azure asks to come later. */
export class Patience {
  readonly #clock: Clock;
  readonly #dependency: string;
  readonly #waitsMaxMs: Millis;
  /** Calls that it took so far, repetitions included. */
  calls = 0;

  constructor(clock: Clock, dependency: string, waitsMaxMs = waitsUsualMaxMs) {
    this.#clock = clock;
    this.#dependency = dependency;
    this.#waitsMaxMs = waitsMaxMs;
  }

  /** @throws DependencyUnavailable: nobody answers, or the waits would take too long */
  async call<T>(work: () => Promise<T>): Promise<Answered<T>> {
    let waitedMs = 0;
    for (let tries = 1; ; tries++) {
      this.calls++;
      const answered = await attempt(work);
      if ('value' in answered) return { ok: true, value: answered.value };
      const { failure, cause } = answered;
      if (failure.kind === 'refused') return { ok: false, cause, ...failure };
      const waitMs = waitOf(failure, tries);
      const most = failure.kind === 'silent' ? silentTriesMax : triesMax;
      if (tries >= most || waitedMs + waitMs > this.#waitsMaxMs)
        throw this.#unavailable(failure, cause);
      await this.#clock.wait(waitMs);
      waitedMs += waitMs;
    }
  }

  #unavailable(failure: Exclude<Failure, RefusedCall>, cause: unknown): DependencyUnavailable {
    const later = failure.kind === 'later' ? failure.retryAfterMs : undefined;
    const again = later === undefined ? '' : `; it asks to come again in ${durationText(later)}`;
    return new DependencyUnavailable(
      this.#dependency,
      `${this.#dependency} does not answer as it should: ${failure.text}${again}`,
      { cause, ...(later === undefined ? {} : { retryAfterMs: later }) },
    );
  }
}

async function attempt<T>(work: () => Promise<T>) {
  try {
    return { value: await work() };
  } catch (cause) {
    return { failure: failureOf(cause), cause };
  }
}

function waitOf(failure: Failure, tries: number): Millis {
  const said = failure.kind === 'later' ? failure.retryAfterMs : undefined;
  return said ?? firstWaitMs * 2 ** (tries - 1);
}
