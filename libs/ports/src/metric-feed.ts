import type { Instant, IngestPath, PositionedSample, WantedKey } from '@headroom/core';

/**
 * One member of the group that reads the hub `metrics`. Members share its partitions and hand them over.
 *
 * Promised: batches of one partition come in order, one at a time; a batch whose handler resolved is not delivered
 * again after a clean hand-over; a batch whose handler rejected comes again, here or elsewhere.
 * Not promised: that a batch comes once. Positions tell a second time.
 */
export interface MetricFeed {
  /** Resolves when `signal` aborts and what was being handled is settled; rejects when reading cannot go on. */
  run(handler: MetricHandler, signal: AbortSignal): Promise<void>;
}

export interface MetricHandler {
  /** Asked of each record before it is decoded. */
  readonly wanted: WantedKey;
  batch(batch: MetricBatch): Promise<void>;
}

/** What one receive brought, in source order. */
export interface MetricBatch {
  /** Names the hub and the partition: the `source` of the frames made of it. */
  readonly source: string;
  /** First and last message read. */
  readonly firstSequence: number;
  readonly lastSequence: number;
  readonly lastEnqueuedAt: Instant;
  readonly groups: readonly SampleGroup[];
  readonly rejected: readonly RejectedRecord[];
  readonly counts: RecordCounts;
}

/** Samples that came by one path, in source order. */
export interface SampleGroup {
  readonly path: IngestPath;
  readonly samples: readonly PositionedSample[];
}

/** Each record of the batch is in exactly one of these. */
export interface RecordCounts {
  readonly wanted: number;
  /** Metrics that no setting asks for. */
  readonly unwanted: number;
  /** Records that are no metric: logs on the same hub. */
  readonly notMetric: number;
  readonly rejected: number;
}

/** A record that could not be read. It is kept, so that nothing vanishes. */
export interface RejectedRecord {
  readonly source: string;
  readonly sequence: number;
  readonly index: number;
  /** Names the field and what was expected. */
  readonly reason: string;
  /** At most 16 kB of the record's text. */
  readonly excerpt: string;
}
