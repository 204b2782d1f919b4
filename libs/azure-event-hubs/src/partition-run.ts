import type { ReceivedEventData } from '@azure/event-hubs';
import type { PartitionCheckpoint } from '@headroom/ports';
import { PartitionLost } from './errors.ts';

/** What a feed does with the events of one partition, one call at a time. */
export interface PartitionWork {
  /** At least one event, in order. A rejection closes the partition; it is opened again from its checkpoint. */
  events(events: readonly ReceivedEventData[]): Promise<void>;
  /** Nothing came for about a second. */
  idle(): Promise<void>;
  close(): Promise<void>;
}

/** A partition as its work sees it. */
export interface TakenPartition {
  readonly id: string;
  readonly checkpoint: PartitionCheckpoint | undefined;
  /** Moves forward only. `lost`: another member owns the partition. */
  save(checkpoint: PartitionCheckpoint): Promise<'saved' | 'lost'>;
}

/**
 * One partition between open and close.
 *
 *   opening ─► reading ─► closed
 *      └──────────┴──► ended ──► closed      (lost, failed or stopped: the next call to `process` rejects)
 *
 * Opening runs beside the balancing loop, which renews every ownership: a slow recovery in the loop would cost this
 * member all its partitions.
 */
export class PartitionRun {
  readonly partition: string;
  readonly #work: Promise<PartitionWork>;
  #inHand: Promise<unknown> = Promise.resolve();
  #ended: Error | undefined;
  #closed: Promise<void> | undefined;
  #isClosed = false;

  constructor(partition: string, open: () => Promise<PartitionWork>) {
    this.partition = partition;
    this.#work = open();
    // Whoever asks for the work next sees the failure.
    this.#work.catch((error: unknown) => this.end(error));
  }

  get isReading(): boolean {
    return this.#ended === undefined && this.#closed === undefined;
  }

  /** Another member's, or closed: what it would save now is not asked for any more. */
  get isLost(): boolean {
    return this.#isClosed || this.#ended instanceof PartitionLost;
  }

  /** Nothing more is handed to the work; what is in hand finishes. */
  end(cause: unknown): void {
    this.#ended ??= cause instanceof Error ? cause : new Error(String(cause));
  }

  async process(events: readonly ReceivedEventData[]): Promise<void> {
    const step = this.#step(events);
    this.#inHand = step.catch(() => undefined);
    try {
      await step;
    } catch (error) {
      this.end(error);
      throw error;
    }
  }

  /** Waits for what is in hand, then closes the work. Closing twice is closing once. */
  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  async #step(events: readonly ReceivedEventData[]): Promise<void> {
    const work = await this.#work;
    if (!this.isReading)
      throw this.#ended ?? new PartitionLost(`partition ${this.partition} closed`);
    await (events.length === 0 ? work.idle() : work.events(events));
  }

  async #close(): Promise<void> {
    await this.#inHand;
    const work = await this.#work.catch(() => undefined);
    try {
      await work?.close();
    } finally {
      this.#isClosed = true;
    }
  }
}
