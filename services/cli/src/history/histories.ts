import type { Instant } from '@headroom/core';
import type { AutoscaleHistory, MetricSource } from '@headroom/ports';
import type { TargetHistory } from '@headroom/scenario';

/** Of which settings, and of which time. */
export interface HistoryRequest {
  readonly subscription: string;
  /** The whole subscription where absent. */
  readonly resourceGroup?: string;
  /** Settings by their names, or by those of what they scale; all where absent. */
  readonly names?: readonly string[];
  readonly from: Instant;
  readonly to: Instant;
  /** Headroom's folder; the cache is in `assess/` of it. */
  readonly data: string;
  readonly onProgress?: (progress: HistoryProgress) => void;
}

export interface HistoryProgress {
  readonly step: 'settings' | 'events' | 'metrics';
  /** Days of settings' metrics, or days of the activity log. */
  readonly done: number;
  readonly total: number;
  /** Calls to Azure so far. */
  readonly calls: number;
}

/** Azure, as far as a history needs it; nothing here writes. */
export interface HistorySources {
  settingsIn(scope: {
    readonly subscription: string;
    readonly resourceGroup?: string;
  }): Promise<readonly unknown[]>;
  readonly metrics: MetricSource;
  readonly events: AutoscaleHistory;
  now(): Instant;
}

export interface Histories {
  /** From the disk, one after the other: the months of fifty settings need not be in memory at once. Can be run through again. */
  readonly each: AsyncIterable<TargetHistory>;
  readonly settings: number;
  readonly unread: readonly UnreadSetting[];
  /** Calls to Azure that it took; 0 from the cache alone. */
  readonly calls: number;
}

/** A setting of Azure's that Headroom cannot read. */
export interface UnreadSetting {
  readonly id: string;
  readonly why: string;
}
