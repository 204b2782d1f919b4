import type { LoggedEvent } from '../check/events.ts';
import type { Recording } from '../recording.ts';

/**
 * The log as the consumer saw it. When the SDK gives a receiver up, the next one begins behind the
 * checkpoint: what it shows again must be what was shown before, and is noted once.
 */
export class LiveView {
  readonly #recording: Recording;
  readonly #seen = new Map<string, LoggedEvent[]>();
  readonly #resumed = new Set<string>();

  constructor(recording: Recording) {
    this.#recording = recording;
  }

  resumed(partition: string): void {
    this.#resumed.add(partition);
  }

  take(event: LoggedEvent): void {
    const seen = this.#seen.get(event.partition) ?? [];
    this.#seen.set(event.partition, seen);
    const before = this.#resumed.has(event.partition) ? seen[event.sequence] : undefined;
    if (before === undefined) {
      this.#resumed.delete(event.partition);
      seen.push(event);
      this.#recording.events.live.push(event);
    } else if (before.lane !== event.lane || before.number !== event.number) {
      const where = `partition ${event.partition}, sequence number ${event.sequence}`;
      this.#recording.report(where, 'was another event when it was read before');
    }
  }
}
