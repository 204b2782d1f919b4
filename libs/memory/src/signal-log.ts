import type { Instant, LogEvent, LoggedEvent } from '@headroom/core';
import type {
  Clock,
  LogIdentity,
  OpenPartition,
  OwnedPartition,
  SignalFeed,
  SignalHistory,
  SignalLog,
  SnapshotStore,
} from '@headroom/ports';
import { Group } from './group.ts';
import type { Lease } from './group.ts';
import type { GroupReader, Member } from './member.ts';

export interface MemoryLogOptions {
  readonly partitions: number;
  /** Gives the enqueued times of what `append` writes. */
  readonly clock: Pick<Clock, 'now'>;
  readonly logId?: string;
  /** Readers begin after the newest snapshot that is not after the checkpoint; without a store at the oldest event. */
  readonly snapshots?: SnapshotStore;
  /** Size of the batches of each round of `feed().run`; 500 when absent. */
  readonly chunk?: () => number;
}

/** The log `signals` in memory, with a group of members that share its partitions. */
export class MemoryLog implements SignalLog, SignalHistory {
  readonly identity: LogIdentity;
  readonly #group: Group<LoggedEvent>;
  readonly #options: MemoryLogOptions;

  constructor(options: MemoryLogOptions) {
    this.identity = { logId: options.logId ?? 'memory', partitions: options.partitions };
    this.#group = new Group(options.partitions);
    this.#options = options;
  }

  describe(): Promise<LogIdentity> {
    return Promise.resolve(this.identity);
  }

  append(partition: number, events: readonly LogEvent[]): Promise<void> {
    this.appendAt(partition, this.#options.clock.now(), events);
    return Promise.resolve();
  }

  /** Appends with an enqueued time of the caller's choice; one before the last event's becomes the last event's. */
  appendAt(partition: number, at: Instant, events: readonly LogEvent[]): void {
    const log = this.#group.partition(partition);
    for (const event of events) log.append(at, (place) => ({ ...place, event }));
    this.#group.appended();
  }

  /** What the partition holds, oldest first. */
  events(partition: number): readonly LoggedEvent[] {
    return this.#group.partition(partition).read(0, Infinity);
  }

  async read(
    partition: number,
    from: Instant,
    take: Parameters<SignalHistory['read']>[2],
  ): Promise<void> {
    const asked = this.events(partition).filter(({ enqueuedAt }) => enqueuedAt >= from);
    if (asked.length > 0) await take(asked);
  }

  checkpoint(partition: number): number | undefined {
    return this.#group.checkpoint(partition);
  }

  /** Retention: forgets what is below `sequence`. */
  trim(partition: number, sequence: number): void {
    this.#group.partition(partition).trim(sequence);
  }

  /** A member moved by hand. Nothing is opened or read before its first `pump`. */
  join(open: OpenPartition): Member {
    return this.#group.join((partition, lease) => this.#open(open, partition, lease));
  }

  /** A member that reads by itself. */
  feed(): SignalFeed {
    return {
      run: (open, signal) =>
        this.#group.run(
          (partition, lease) => this.#open(open, partition, lease),
          signal,
          this.#options.chunk,
        ),
    };
  }

  async #open(
    open: OpenPartition,
    partition: number,
    lease: Lease,
  ): Promise<GroupReader<LoggedEvent>> {
    const from = await this.#start(partition);
    const reader = await open(this.#owned(partition, lease));
    return {
      from,
      batch: (events) => reader.batch(events),
      close: () => reader.close(),
    };
  }

  async #start(partition: number): Promise<number> {
    const checkpoint = this.#group.checkpoint(partition);
    if (checkpoint === undefined) return 0;
    const newest = await this.#options.snapshots?.newest(this.identity, partition, checkpoint);
    return newest === undefined ? 0 : newest + 1;
  }

  #owned(partition: number, lease: Lease): OwnedPartition {
    const { firstSequence, lastSequence } = this.#group.partition(partition);
    const checkpoint = this.#group.checkpoint(partition);
    return {
      log: this.identity,
      partition,
      ...(checkpoint === undefined ? {} : { checkpoint }),
      firstSequence,
      lastSequence,
      saveCheckpoint: (sequence) => {
        if (!lease()) return Promise.resolve('lost');
        this.#group.saveCheckpoint(partition, sequence);
        return Promise.resolve('saved');
      },
    };
  }
}
