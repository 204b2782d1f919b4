import type { LogIdentity } from './signal-log.ts';
import type { FoldSnapshot } from '@headroom/core';

/** Where the fold's state is kept, so that a successor need not read the whole log. */
export interface SnapshotStore {
  /**
   * The newest readable snapshot with sequence ≤ `atMost`. One of another log, of an unknown version or incomplete (its
   * writer died) is passed over.
   */
  load(log: LogIdentity, partition: number, atMost: number): Promise<FoldSnapshot | undefined>;
  /** Sequence of what `load` would give, without reading it. */
  newest(log: LogIdentity, partition: number, atMost: number): Promise<number | undefined>;
  /** Complete or not there. Keeps the newest few and removes older ones. */
  save(log: LogIdentity, partition: number, snapshot: FoldSnapshot): Promise<void>;
}
