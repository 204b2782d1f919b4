import { assert } from '@headroom/core';
import type { Entry, PartitionLog } from './partition-log.ts';

/** Entries that one reader gets at once when nobody says otherwise. */
export const batchMax = 500;

/** One reader of a group, moved by hand. `feed().run` moves one by itself. */
export interface Member {
  readonly id: number;
  /** The partitions that are this member's now. */
  partitions(): readonly number[];
  /**
   * Opens the partitions that became this member's and gives the reader of each its next batch of at most `maxEvents`, one
   * partition after the other. A partition that another took meanwhile gets one batch more and is closed then: for a
   * moment two read it.
   */
  pump(maxEvents?: number): Promise<Pumped>;
  /** Pumps until nothing is left, or something failed. */
  drain(maxEvents?: number): Promise<Pumped>;
  /** Takes a partition from its owner, who does not know yet. */
  steal(partition: number): void;
  /** The process is gone: nothing is closed, its checkpoints are refused, the others take over. */
  kill(): void;
  /** Finishes the running pump, closes the readers and leaves. */
  stop(): Promise<void>;
}

export interface Pumped {
  readonly events: number;
  /** Partitions whose reader rejected. It was closed and is opened again by the next pump. */
  readonly failures: readonly PumpFailure[];
}

export interface PumpFailure {
  readonly partition: number;
  readonly error: unknown;
}

/** What reads one partition for a member. */
export interface GroupReader<E> {
  /** The first sequence it wants. */
  readonly from: number;
  batch(entries: readonly E[]): Promise<void>;
  close(): Promise<void>;
}

/** What a member may ask of its group. */
export interface Seat<E extends Entry> {
  readonly logs: readonly PartitionLog<E>[];
  isOwner(partition: number): boolean;
  open(partition: number): Promise<GroupReader<E>>;
  steal(partition: number): void;
  leave(): void;
}

interface Held<E> {
  readonly reader: GroupReader<E>;
  next: number;
}

export class GroupMember<E extends Entry> implements Member {
  readonly id: number;
  readonly #seat: Seat<E>;
  readonly #held = new Map<number, Held<E>>();
  #alive = true;
  #pumping: Promise<unknown> | undefined;

  constructor(id: number, seat: Seat<E>) {
    this.id = id;
    this.#seat = seat;
  }

  partitions(): readonly number[] {
    return [...this.#seat.logs.keys()].filter((partition) => this.#seat.isOwner(partition));
  }

  async pump(maxEvents: number = batchMax): Promise<Pumped> {
    assert(this.#pumping === undefined, 'a member pumps once at a time');
    const round = this.#round(maxEvents);
    this.#pumping = round;
    try {
      return await round;
    } finally {
      this.#pumping = undefined;
    }
  }

  async drain(maxEvents: number = batchMax): Promise<Pumped> {
    let events = 0;
    for (;;) {
      const pumped = await this.pump(maxEvents);
      events += pumped.events;
      if (pumped.events === 0 || pumped.failures.length > 0) {
        return { events, failures: pumped.failures };
      }
    }
  }

  steal(partition: number): void {
    this.#seat.steal(partition);
  }

  kill(): void {
    this.#alive = false;
    this.#held.clear();
    this.#seat.leave();
  }

  async stop(): Promise<void> {
    await this.#pumping;
    for (const partition of [...this.#held.keys()]) await this.#close(partition);
    this.#alive = false;
    this.#seat.leave();
  }

  async #round(maxEvents: number): Promise<Pumped> {
    const failures: PumpFailure[] = [];
    let events = 0;
    for (const partition of this.#seat.logs.keys()) {
      if (!this.#alive) break;
      try {
        events += await this.#step(partition, maxEvents);
      } catch (error) {
        failures.push({ partition, error });
        await this.#close(partition);
      }
    }
    return { events, failures };
  }

  async #step(partition: number, maxEvents: number): Promise<number> {
    const owner = this.#seat.isOwner(partition);
    const held = this.#held.get(partition) ?? (owner ? await this.#open(partition) : undefined);
    if (held === undefined) return 0;
    const delivered = await this.#deliver(partition, held, maxEvents);
    if (!owner) await this.#close(partition);
    return delivered;
  }

  async #open(partition: number): Promise<Held<E> | undefined> {
    const reader = await this.#seat.open(partition);
    if (!this.#alive) return undefined;
    const held = { reader, next: reader.from };
    this.#held.set(partition, held);
    return held;
  }

  async #deliver(partition: number, held: Held<E>, maxEvents: number): Promise<number> {
    const entries = this.#seat.logs[partition]?.read(held.next, maxEvents) ?? [];
    const last = entries.at(-1);
    if (last === undefined) return 0;
    await held.reader.batch(entries);
    held.next = last.sequence + 1;
    return entries.length;
  }

  async #close(partition: number): Promise<void> {
    const held = this.#held.get(partition);
    this.#held.delete(partition);
    await held?.reader.close();
  }
}
