import type { LogEvent, LoggedEvent } from '@headroom/core';

/** The log's identity. The partition count is fixed for its life. */
export interface LogIdentity {
  /** The hub's name and creation time: a hub made anew is another log. */
  readonly logId: string;
  readonly partitions: number;
}

/** Writes to the log. */
export interface SignalLog {
  describe(): Promise<LogIdentity>;
  /**
   * Appends the events to one partition, in order. Resolved: durable. Rejected: any prefix of them may be in the log, and
   * the caller may append again; the fold drops what it has seen.
   */
  append(partition: number, events: readonly LogEvent[]): Promise<void>;
}

/**
 * One member of the group that reads the log. Members share its partitions and hand them over; for a moment two may read
 * one partition, so what a reader does must be harmless twice.
 */
export interface SignalFeed {
  /** Resolves when `signal` aborts and all readers are closed; rejects when reading cannot go on. */
  run(open: OpenPartition, signal: AbortSignal): Promise<void>;
}

/** Called when a partition is taken, before its first batch. */
export type OpenPartition = (partition: OwnedPartition) => Promise<PartitionReader>;

export interface OwnedPartition {
  readonly log: LogIdentity;
  readonly partition: number;
  /** The last sequence whose decisions are published; absent when none ever were. */
  readonly checkpoint?: number;
  /** The last sequence in the log at the moment of taking it, −1 when it is empty. */
  readonly lastSequence: number;
  /** The oldest sequence that retention still holds. */
  readonly firstSequence: number;
  /** Moves forward only. `lost`: another member owns the partition now; stop publishing. */
  saveCheckpoint(sequence: number): Promise<'saved' | 'lost'>;
}

export interface PartitionReader {
  /**
   * The events come in order, from the newest snapshot that is not after the checkpoint (from the oldest event without
   * one). A rejection closes the reader; the partition is opened again from there.
   */
  batch(events: readonly LoggedEvent[]): Promise<void>;
  close(): Promise<void>;
}
