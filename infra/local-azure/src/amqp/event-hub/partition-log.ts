import type { AmqpError } from '../errors.ts';
import type { Journal } from '../journal/journal.ts';
import { stampEvents } from './event-codec.ts';
import type { Position } from './event-codec.ts';
import { batchBytes, eventsOf } from './event-store.ts';
import type { BatchMark, EventBatch, EventStore } from './event-store.ts';
import type { PartitionState, StoredEvent } from './event-store.ts';

/** Readers at the end are served from memory; while the array waits to be cut, from twice as much. */
const MAX_TAIL_BYTES = 2 * 1024 * 1024;
const MAX_TAIL_EVENTS = 8192;
/** Deleting goes in steps of about so much, and clients are served in between. */
const MAX_TRIM_BYTES = 2 * 1024 * 1024;
const READ_EVENTS = 256;
/** Writers may be ahead of the trimming by this part of the limit, and trigger it. */
const TRIM_SLACK = 1 / 8;

export interface Retention {
  readonly ms: number;
  readonly bytes: number;
}

export interface LogServices {
  readonly store: EventStore;
  readonly journal: Journal;
  readonly clock: () => number;
}

/** One partition: an append-only log with an in-memory tail. Readers see committed events only. */
export class PartitionLog {
  readonly #store: EventStore;
  readonly #journal: Journal;
  readonly #clock: () => number;
  readonly #retention: Retention;
  readonly #id: number;
  readonly #listeners = new Set<() => void>();
  #first: number;
  /** The next sequence number to give out; `#visible` is the first that readers may not see yet. */
  #next: number;
  #visible: number;
  #lastMs: number;
  #visibleMs: number;
  /** What the partition took in up to its first event, the first unseen one, and the next one. */
  #firstBytes: number;
  #visibleBytes: number;
  #nextBytes: number;
  #trimTarget = 0;
  #trimming = false;
  #tail: StoredEvent[] = [];
  #tailStart = 0;
  #tailBytes = 0;

  constructor(state: PartitionState, retention: Retention, services: LogServices) {
    this.#store = services.store;
    this.#journal = services.journal;
    this.#clock = services.clock;
    this.#retention = retention;
    this.#id = state.id;
    this.#first = state.firstSequence;
    this.#next = state.nextSequence;
    this.#visible = state.nextSequence;
    this.#lastMs = state.lastEnqueuedMs;
    this.#visibleMs = state.lastEnqueuedMs;
    this.#firstBytes = state.firstBytes;
    this.#visibleBytes = state.nextBytes;
    this.#nextBytes = state.nextBytes;
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
    const firstSequence = this.#next;
    const enqueuedMs = Math.max(this.#clock(), this.#lastMs);
    const stamped = stampEvents(messages, { sequence: firstSequence, enqueuedMs });
    const batch = { firstSequence, enqueuedMs, startBytes: this.#nextBytes, ...stamped };
    this.#lastMs = enqueuedMs;
    this.#next += messages.length;
    this.#nextBytes += batchBytes(batch);
    this.#journal.submit({
      write: () => this.#store.insert(this.#id, batch),
      committed: () => {
        this.#publish(batch);
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
    return this.#store.read(this.#id, from, this.#visible);
  }

  /** The first sequence number whose event was enqueued after (or at) a time. */
  sequenceAtTime(timeMs: number, inclusive: boolean): number {
    return this.#firstWhere(({ enqueuedMs }) => {
      return inclusive ? enqueuedMs >= timeMs : enqueuedMs > timeMs;
    });
  }

  /** Drops what is older, or more, than the retention lets stay. */
  trim(): void {
    const byTime = this.sequenceAtTime(this.#clock() - this.#retention.ms, true);
    this.#trimTarget = Math.max(this.#trimTarget, byTime, this.#firstWithinSize());
    if (!this.#trimming) this.#trimStep();
  }

  /** The last batch stays, however large it is: it was acknowledged a moment ago. */
  #firstWithinSize(): number {
    const tooMuch = this.#visibleBytes - this.#retention.bytes;
    if (tooMuch <= this.#firstBytes) return this.#first;
    const last = this.#store.batchAt(this.#id, this.#visible - 1)?.startBytes ?? 0;
    return this.#firstWhere(({ startBytes }) => startBytes >= Math.min(tooMuch, last));
  }

  /** The first event of the first batch of which `holds` is true, as it is of all behind it. */
  #firstWhere(holds: (batch: BatchMark) => boolean): number {
    let low = this.#first;
    let high = this.#visible;
    while (low < high) {
      const middle = Math.floor((low + high) / 2);
      const batch = this.#store.batchAt(this.#id, middle);
      if (batch === undefined || holds(batch)) high = middle;
      else low = middle + 1;
    }
    return low;
  }

  /** A great many go in several turns, so that clients are served in between. */
  #trimStep(): void {
    if (this.#journal.isClosed) return;
    const from = this.#first;
    const step = this.#firstBytes + MAX_TRIM_BYTES;
    const stepEnd = this.#firstWhere(({ startBytes }) => startBytes >= step);
    const to = Math.min(this.#trimTarget, stepEnd);
    this.#trimming = to > from;
    if (!this.#trimming) return;
    this.#first = to;
    const next = to === this.#visible ? undefined : this.#store.batchAt(this.#id, to);
    this.#firstBytes = next?.startBytes ?? this.#visibleBytes;
    while ((this.#tail[this.#tailStart]?.sequence ?? to) < to) this.#dropOldest();
    this.#journal.submit({
      write: () => this.#store.trim(this.#id, from, to, this.#visible, this.#visibleMs),
      committed: () => void setImmediate(() => this.#trimStep()),
    });
  }

  /** Runs `listener` after every commit that made events readable. Returns how to stop that. */
  onAppended(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #publish(batch: EventBatch): void {
    for (const event of eventsOf(batch)) this.#tail.push(event);
    this.#tailBytes += batch.body.length;
    this.#visible = batch.firstSequence + batch.sizes.length;
    this.#visibleMs = batch.enqueuedMs;
    this.#visibleBytes = batch.startBytes + batchBytes(batch);
    while (this.#tailBytes > MAX_TAIL_BYTES || this.#tailLength() > MAX_TAIL_EVENTS) {
      this.#dropOldest();
    }
    for (const listener of this.#listeners) listener();
    const bytes = this.#visibleBytes - this.#firstBytes;
    if (bytes > this.#retention.bytes * (1 + TRIM_SLACK) && !this.#trimming) this.trim();
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
