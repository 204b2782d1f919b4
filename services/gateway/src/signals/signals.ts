import { instant, secondMs } from '@headroom/core';
import type { Instant } from '@headroom/core';
import type { Limiter } from '@headroom/limiter';
import { encodeMetrics } from '@headroom/wire';
import type { MetricRecord } from '@headroom/wire';
import { metricRecords } from './records.ts';

export interface SignalsOptions {
  readonly limiter: Pick<Limiter, 'drain' | 'holder'>;
  /** Takes what happened in a span of time; throws when the hub does not. */
  readonly publish: (bodies: readonly Uint8Array[]) => Promise<void>;
  readonly events: SignalEvents;
}

export interface SignalEvents {
  publishFailed(error: unknown, waiting: number): void;
  /** So many records were given up: the hub was away for too long. */
  dropped(records: number): void;
}

/** Records that wait for the hub: some ten minutes of an account with a few limits. The oldest go first. */
const waitingMax = 20_000;

/**
 * What the limiter counted, to the hub, second by second. Traffic never waits for it: what the hub does not take waits
 * here, with the time at which it happened, so that being sent twice counts once.
 */
export class Signals {
  readonly #options: SignalsOptions;
  #waiting: MetricRecord[] = [];
  #drainedTo: Instant;
  #publishing: Promise<void> | undefined;

  constructor(options: SignalsOptions, now: Instant) {
    this.#options = options;
    this.#drainedTo = wholeSecond(now);
  }

  /**
   * Drains the limiter into the span since the last time, of whole seconds; a span that has not ended takes nothing.
   * Resolves when what is due was published, or could not be.
   */
  beat(now: Instant): Promise<void> {
    const end = wholeSecond(now);
    const grainMs = end - this.#drainedTo;
    // A clock that stepped back: what was counted goes on, into seconds that nobody has named yet.
    if (grainMs > 0) this.#drain(end, grainMs, now);
    this.#publishing ??= this.#publish().finally(() => (this.#publishing = undefined));
    return this.#publishing;
  }

  /** What is left, at the end of the process: in a last span that begins now. */
  async end(now: Instant): Promise<void> {
    await this.#publishing;
    await this.beat(instant(Math.max(now, this.#drainedTo) + secondMs));
  }

  #drain(end: Instant, grainMs: number, now: Instant): void {
    const { limiter, events } = this.#options;
    const span = { time: this.#drainedTo, grainMs, instance: limiter.holder };
    this.#drainedTo = end;
    for (const tally of limiter.drain(now)) this.#waiting.push(...metricRecords(tally, span));
    const excess = this.#waiting.length - waitingMax;
    if (excess <= 0) return;
    this.#waiting = this.#waiting.slice(excess);
    events.dropped(excess);
  }

  async #publish(): Promise<void> {
    const sent = this.#waiting;
    if (sent.length === 0) return;
    this.#waiting = [];
    try {
      await this.#options.publish(encodeMetrics(sent));
    } catch (error) {
      this.#waiting = [...sent, ...this.#waiting];
      this.#options.events.publishFailed(error, this.#waiting.length);
    }
  }
}

function wholeSecond(now: Instant): Instant {
  return instant(Math.floor(now / secondMs) * secondMs);
}
