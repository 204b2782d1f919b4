import type { Instant } from '@headroom/core';

/** What a report covers and how it came about. */
export interface ReportAbout {
  readonly subscription: string;
  /** The whole subscription where absent. */
  readonly resourceGroup?: string;
  readonly from: Instant;
  readonly to: Instant;
  readonly generatedAt: Instant;
  /** Read from Azure for it; none where it was made from the cache alone. */
  readonly calls?: number;
  /** Of Headroom. */
  readonly version: string;
}
