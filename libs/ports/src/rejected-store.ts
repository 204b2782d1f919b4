import type { RejectedRecord } from './metric-feed.ts';

/** The dead-letter container of records that could not be read; 30 days. */
export interface RejectedStore {
  /** Idempotent by position: keeping a record again changes nothing. */
  keep(records: readonly RejectedRecord[]): Promise<void>;
}
