import { setTimeout as wait } from 'node:timers/promises';
import { eventHubs } from '@headroom/topology';
import { body, record, targetOf } from '../processes/fleet.ts';
import type { Stack } from '../processes/stack.ts';

const recordsPerEvent = 100;

/** Quiet samples (50 %) of `targets` targets every 5 s, as steady as a timer allows, until disposed. */
export class SteadyLoad implements AsyncDisposable {
  records = 0;
  readonly #publisher;
  readonly #targets: number;
  readonly #rounds: number;
  #round = 0;
  readonly #ending = new AbortController();
  readonly #running: Promise<void>;

  constructor(stack: Stack, targets: number) {
    this.#publisher = stack.hubs.metricPublisher(eventHubs.metrics.name);
    this.#targets = targets;
    this.#rounds = Math.max(1, Math.ceil(targets / recordsPerEvent));
    this.#running = this.#run();
  }

  /**
   * A target whose own sample is half a period away, `at` in its round: it was not evaluated within the last second, so what
   * is measured is the way of a record, not the spacing of evaluations.
   */
  farthest(at: number): number {
    const round = (this.#round + (this.#rounds >> 1)) % this.#rounds;
    return round * recordsPerEvent + (at % recordsPerEvent);
  }

  async #run(): Promise<void> {
    const everyMs = 5_000 / this.#rounds;
    let nextAt = Date.now();
    for (; !this.#ending.signal.aborted; this.#round = (this.#round + 1) % this.#rounds) {
      await this.#send(this.#round * recordsPerEvent);
      nextAt += everyMs;
      const pause = nextAt - Date.now();
      if (pause > 0) await wait(pause);
    }
  }

  async #send(first: number): Promise<void> {
    const count = Math.min(recordsPerEvent, this.#targets - first);
    const now = Date.now();
    const records = Array.from({ length: count }, (_, at) =>
      record(targetOf(first + at), 'CpuUtilizationPercentage', 50, now),
    );
    await this.#publisher.publish([body(records)], 'push');
    this.records += count;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#ending.abort();
    await this.#running;
  }
}
