import { setImmediate } from 'node:timers/promises';
import { assert } from '@headroom/core';
import { Bell } from './bell.ts';
import { batchMax, GroupMember } from './member.ts';
import type { GroupReader, Member } from './member.ts';
import { PartitionLog } from './partition-log.ts';
import type { Entry } from './partition-log.ts';
import { share } from './share.ts';

/** Rounds in a row in which a reader of `run` may fail; then reading cannot go on. */
export const failedRoundsMax = 100;

/** Says whether the member that opened the partition still owns it. */
export type Lease = () => boolean;
export type OpenReader<E> = (partition: number, lease: Lease) => Promise<GroupReader<E>>;

/** Partitions, and the members that share them. Checkpoints are the group's. */
export class Group<E extends Entry> {
  readonly logs: readonly PartitionLog<E>[];
  readonly #bell = new Bell();
  readonly #members = new Set<number>();
  readonly #checkpoints = new Map<number, number>();
  #owners: (number | undefined)[];
  #joined = 0;

  constructor(partitions: number) {
    this.logs = Array.from({ length: partitions }, () => new PartitionLog<E>());
    this.#owners = Array.from({ length: partitions }, () => undefined);
  }

  partition(partition: number): PartitionLog<E> {
    const log = this.logs[partition];
    assert(log !== undefined, `there is no partition ${partition}`);
    return log;
  }

  /** Tells those that wait in `run` that there is something to read. */
  appended(): void {
    this.#bell.ring();
  }

  checkpoint(partition: number): number | undefined {
    return this.#checkpoints.get(partition);
  }

  saveCheckpoint(partition: number, sequence: number): void {
    const last = this.partition(partition).lastSequence;
    assert(sequence <= last, `checkpoint ${sequence} is beyond the log's end ${last}`);
    this.#checkpoints.set(partition, Math.max(sequence, this.#checkpoints.get(partition) ?? -1));
  }

  join(open: OpenReader<E>): Member {
    const id = this.#joined++;
    const isOwner = (partition: number): boolean => this.#owners[partition] === id;
    const member = new GroupMember<E>(id, {
      logs: this.logs,
      isOwner,
      open: (partition) => open(partition, () => isOwner(partition)),
      steal: (partition) => this.#give(partition, id),
      leave: () => this.#leave(id),
    });
    this.#members.add(id);
    this.#share();
    return member;
  }

  /** Reads as one member until `signal` aborts. `chunk` gives the size of each round's batches. */
  async run(
    open: OpenReader<E>,
    signal: AbortSignal,
    chunk: () => number = () => batchMax,
  ): Promise<void> {
    const member = this.join(open);
    try {
      await this.#pumpUntil(member, signal, chunk);
    } finally {
      await member.stop();
    }
  }

  async #pumpUntil(member: Member, signal: AbortSignal, chunk: () => number): Promise<void> {
    for (let failed = 0; !signal.aborted;) {
      const seen = this.#bell.count;
      const { events, failures } = await member.pump(chunk());
      failed = failures.length === 0 ? 0 : failed + 1;
      if (failed > failedRoundsMax) throw new ReadingFailed(failures[0]?.error);
      if (failed === 0 && events === 0) await this.#bell.after(seen, signal);
      await setImmediate();
    }
  }

  #give(partition: number, id: number): void {
    this.partition(partition);
    assert(this.#members.has(id), 'a member that left takes nothing');
    this.#owners[partition] = id;
    this.#bell.ring();
  }

  #leave(id: number): void {
    this.#members.delete(id);
    this.#share();
  }

  #share(): void {
    this.#owners = share(this.#owners, [...this.#members]);
    this.#bell.ring();
  }
}

/** A handler kept failing: what it says is the cause. */
export class ReadingFailed extends Error {
  override readonly name = 'ReadingFailed';

  constructor(cause: unknown) {
    super(`reading stopped after ${failedRoundsMax} failures in a row`, { cause });
  }
}
