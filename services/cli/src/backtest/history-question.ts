import type { AutoscaleSetting, Instant, Millis, Policy } from '@headroom/core';
import type { TargetHistory } from '@headroom/scenario';

/** What a person asks for: a setting, and what is on record of its target. */
export interface HistoryQuestion {
  /** A file, or a name of a target. */
  readonly setting: string;
  /** A file of samples, the folder of what was fetched, or `recorded`. */
  readonly against: string;
  readonly data: string;
  readonly from?: Instant;
  readonly to?: Instant;
}

export interface AskedHistory {
  readonly history: TargetHistory;
  /** Headroom's options of the setting on record. */
  readonly policy: Policy;
  /** Whether the record itself says that the setting was in force. */
  readonly isOwn: boolean;
  /** What was given beside the setting on record, where that says something else. */
  readonly given?: AutoscaleSetting;
  /** How the samples came, where the record says it. */
  readonly came?: { readonly path: string; readonly dataAgeMs: Millis };
}
