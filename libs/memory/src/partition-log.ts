import { assert, latest } from '@headroom/core';
import type { Instant } from '@headroom/core';

/** What has a place in a partition. */
export interface Entry {
  readonly sequence: number;
  readonly enqueuedAt: Instant;
}

/** One partition: sequence numbers from 0 without gaps, enqueued times that never go back, the oldest trimmed away. */
export class PartitionLog<E extends Entry> {
  #entries: E[] = [];
  #first = 0;

  /** The oldest sequence that is still held; one past the last when none is. */
  get firstSequence(): number {
    return this.#first;
  }

  /** −1 when nothing was ever appended. */
  get lastSequence(): number {
    return this.#first + this.#entries.length - 1;
  }

  /** `make` gets the entry's place. A time before the last entry's becomes the last entry's. */
  append(at: Instant, make: (place: Entry) => E): void {
    const last = this.#entries.at(-1);
    const enqueuedAt = last === undefined ? at : latest(at, last.enqueuedAt);
    this.#entries.push(make({ sequence: this.lastSequence + 1, enqueuedAt }));
  }

  /** At most `max` entries from `sequence` on, or from the oldest that is held. */
  read(sequence: number, max: number): readonly E[] {
    const start = Math.max(0, sequence - this.#first);
    return this.#entries.slice(start, start + max);
  }

  /** Forgets everything below `sequence`, as retention does. */
  trim(sequence: number): void {
    assert(sequence <= this.lastSequence + 1, `nothing at ${sequence} to trim to`);
    this.#entries = this.#entries.slice(Math.max(0, sequence - this.#first));
    this.#first = Math.max(this.#first, sequence);
  }
}
