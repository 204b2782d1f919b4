import type { AmqpError } from '../errors.ts';
import type { Journal } from '../journal/journal.ts';
import { stampEvent } from './event-codec.ts';
import type { Position } from './event-codec.ts';
import type { EventStore, PartitionState, StoredEvent } from './event-store.ts';

/** Readers at the end are served from memory; while the array waits to be cut, from twice as much. */
const MAX_TAIL_BYTES = 2 * 1024 * 1024;
const MAX_TAIL_EVENTS = 8192;
const MAX_TRIM_EVENTS = 5000;
const READ_EVENTS = 256;

/** One partition: an append-only log with an in-memory tail. Readers see committed events only. */
export class PartitionLog {
  readonly #store: EventStore;
  readonly #journal: Journal;
  readonly #clock: () => number;
  readonly #id: number;
  readonly #listeners = new Set<() => void>();
  #first: number;
  /** The next sequence number to give out; `#visible` is the first that readers may not see yet. */
  #next: number;
  #visible: number;
  #lastMs: number;
  #visibleMs: number;
  #tail: StoredEvent[] = [];
  #tailStart = 0;
  #tailBytes = 0;

  constructor(state: PartitionState, store: EventStore, journal: Journal, clock: () => number) {
    this.#store = store;
    this.#journal = journal;
    this.#clock = clock;
    this.#id = state.id;
    this.#first = state.firstSequence;
    this.#next = state.nextSequence;
    this.#visible = state.nextSequence;
    this.#lastMs = state.lastEnqueuedMs;
    this.#visibleMs = state.lastEnqueuedMs;
  }

  get firstSequence(): number {
    return this.#first;
  }

  /** The sequence number that the next event will have. */
  get nextSequence(): number {
    return this.#visible;
  }

  get isEmpty(): boolean {
    return this.#first === this.#visible;
  }

  get lastPosition(): Position {
    return { sequence: this.#visible - 1, enqueuedMs: this.#visibleMs };
  }

  /**
   * Appends encoded messages, all or none. Throws DecodeError when one of them is no AMQP message.
   */
  append(messages: readonly Buffer[], done: (error?: AmqpError) => void): void {
    const enqueuedMs = Math.max(this.#clock(), this.#lastMs);
    const events = messages.map((message, index): StoredEvent => {
      const sequence = this.#next + index;
      return { sequence, enqueuedMs, bytes: stampEvent(message, { sequence, enqueuedMs }) };
    });
    this.#lastMs = enqueuedMs;
    this.#next += events.length;
    this.#journal.submit({
      write: () => {
        for (const event of events) this.#store.insert(this.#id, event);
      },
      committed: () => {
        this.#publish(events);
        done();
      },
      failed: done,
    });
  }

  /** Committed events from `sequence` on, in order; empty at the end of the log. */
  read(sequence: number): readonly StoredEvent[] {
    const from = Math.max(sequence, this.#first);
    if (from >= this.#visible) return [];
    const tailFirst = this.#tail[this.#tailStart]?.sequence ?? this.#visible;
    if (from >= tailFirst) {
      const at = this.#tailStart + (from - tailFirst);
      return this.#tail.slice(at, at + READ_EVENTS);
    }
    return this.#store.read(this.#id, from, this.#visible, READ_EVENTS);
  }

  /** The first sequence number whose event was enqueued after (or at) a time. */
  sequenceAtTime(timeMs: number, inclusive: boolean): number {
    let low = this.#first;
    let high = this.#visible;
    while (low < high) {
      const middle = Math.floor((low + high) / 2);
      const ms = this.#store.enqueuedMs(this.#id, middle) ?? Infinity;
      if (inclusive ? ms >= timeMs : ms > timeMs) high = middle;
      else low = middle + 1;
    }
    return low;
  }

  /** Drops events that were enqueued before `cutoffMs`. */
  trim(cutoffMs: number): void {
    this.#trimTo(this.sequenceAtTime(cutoffMs, true));
  }

  /** A great many go in several turns, so that clients are served in between. */
  #trimTo(end: number): void {
    const to = Math.min(end, this.#first + MAX_TRIM_EVENTS);
    const from = this.#first;
    if (to <= from) return;
    this.#first = to;
    while ((this.#tail[this.#tailStart]?.sequence ?? to) < to) this.#dropOldest();
    this.#journal.submit({
      write: () => this.#store.trim(this.#id, from, to, this.#visible, this.#visibleMs),
      committed: () => void setImmediate(() => this.#trimTo(end)),
    });
  }

  /** Runs `listener` after every commit that made events readable. Returns how to stop that. */
  onAppended(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #publish(events: readonly StoredEvent[]): void {
    for (const event of events) {
      this.#tail.push(event);
      this.#tailBytes += event.bytes.length;
      this.#visible = event.sequence + 1;
      this.#visibleMs = event.enqueuedMs;
    }
    while (this.#tailBytes > MAX_TAIL_BYTES || this.#tailLength() > MAX_TAIL_EVENTS) {
      this.#dropOldest();
    }
    for (const listener of this.#listeners) listener();
  }

  #tailLength(): number {
    return this.#tail.length - this.#tailStart;
  }

  #dropOldest(): void {
    const oldest = this.#tail[this.#tailStart];
    if (oldest === undefined) return;
    this.#tailBytes -= oldest.bytes.length;
    this.#tailStart++;
    if (this.#tailStart * 2 < this.#tail.length) return;
    this.#tail = this.#tail.slice(this.#tailStart);
    this.#tailStart = 0;
  }
}
