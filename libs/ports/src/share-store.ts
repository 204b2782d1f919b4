import type { Instant } from '@headroom/core';
import type { Replaced } from './operation-ledger.ts';

/** What the instances of a gateway share among themselves: a document for each limit or budget, replaced on its ETag. */
export interface ShareStore {
  /** Absent: nobody has shared the pool yet. */
  read(pool: string): Promise<VersionedShares | undefined>;
  /** `etag` is that of the shares which were read, none where there were none. `conflict`: read again. */
  replace(shares: Shares, etag: string | undefined): Promise<Replaced>;
}

export interface VersionedShares {
  readonly shares: Shares;
  readonly etag: string;
}

export interface Shares {
  /** Names what is shared: at most 1,100 characters. */
  readonly pool: string;
  /** At most one a holder. */
  readonly slices: readonly Slice[];
  /** Of a budget: what was spent of it, by when it was told, and the slices of holders that died; oldest first. A limit has none. */
  readonly taken: readonly TakenAmount[];
}

/** One holder's part. */
export interface Slice {
  readonly holder: string;
  /**
   * Of a limit: calls or tokens a second, the most that the holder may have let in. Of a budget: millionths of the currency
   * that are not told as spent yet, those of calls under way among them.
   */
  readonly amount: number;
  /** What the holder would use, in the same unit: the next shares follow it. */
  readonly demand: number;
  /** What it needs for the largest call that it was asked for of late, in the same unit; absent: one whole call. */
  readonly least?: number;
  /** By the holder's clock; afterwards it uses none of it. 1970-01-01: the holder has ended. */
  readonly until: Instant;
}

export interface TakenAmount {
  /** When the minute begins in which it was taken. */
  readonly at: Instant;
  readonly micros: number;
}
