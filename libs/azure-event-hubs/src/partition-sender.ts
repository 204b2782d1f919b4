import type { EventData } from '@azure/event-hubs';

interface Waiting {
  readonly events: readonly EventData[];
  readonly sent: () => void;
  readonly failed: (error: unknown) => void;
}

/** At most so many events in one send; more wait for the next. */
const eventsASendMax = 5000;

/**
 * The one ordered sender of a partition: one send at a time, and what arrives during it goes out together in the next.
 *
 * A send that fails takes with it all that is waiting behind it. Otherwise the later events would be in the log before
 * the earlier are sent again, and readers, which keep the highest position, would drop the earlier.
 */
export class PartitionSender {
  readonly #send: (events: readonly EventData[]) => Promise<void>;
  #waiting: Waiting[] = [];
  #sending = false;

  constructor(send: (events: readonly EventData[]) => Promise<void>) {
    this.#send = send;
  }

  append(events: readonly EventData[]): Promise<void> {
    if (events.length === 0) return Promise.resolve();
    return new Promise((sent, failed) => {
      this.#waiting.push({ events, sent, failed });
      if (!this.#sending) void this.#drain();
    });
  }

  async #drain(): Promise<void> {
    this.#sending = true;
    while (this.#waiting.length > 0) {
      const group = this.#takeGroup();
      try {
        await this.#send(group.flatMap((waiting) => waiting.events));
        for (const waiting of group) waiting.sent();
      } catch (error) {
        for (const waiting of [...group, ...this.#waiting.splice(0)]) waiting.failed(error);
      }
    }
    this.#sending = false;
  }

  #takeGroup(): Waiting[] {
    let events = 0;
    let taken = 0;
    for (const waiting of this.#waiting) {
      events += waiting.events.length;
      if (taken > 0 && events > eventsASendMax) break;
      taken++;
    }
    return this.#waiting.splice(0, taken);
  }
}
