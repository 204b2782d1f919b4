import type { TopicMessage } from '@headroom/core';

/** The subscription `decisions/audit`: everything, at least once, in no promised order. */
export interface RecordFeed {
  /** Resolves when `signal` aborts and what was received is settled. */
  run(handler: RecordHandler, signal: AbortSignal): Promise<void>;
}

/**
 * Resolved: the message is completed. Rejected: it comes again. A message that cannot be read is dead-lettered with its
 * reason by the feed.
 */
export type RecordHandler = (message: TopicMessage) => Promise<void>;
