import type { Sample } from '@headroom/core';

/** What one message of the hub `metrics` holds. Each record is in exactly one of `counts`. */
export interface DecodedMetrics {
  /** The wanted ones, in the order of the message; `index` is the record's place in it. */
  readonly samples: readonly IndexedSample[];
  /**
   * The path where the event has no property `path`: how Azure exports, or pushed by anybody else.
   */
  readonly form: 'push' | 'export';
  readonly counts: DecodedCounts;
  readonly rejected: readonly RejectedText[];
}

export interface IndexedSample {
  readonly index: number;
  readonly sample: Sample;
}

export interface DecodedCounts {
  readonly wanted: number;
  /** Metrics that nobody asks for; they are not looked at further. */
  readonly unwanted: number;
  /** Logs on the same hub, and metric records that say that nothing was measured. */
  readonly notMetric: number;
  readonly rejected: number;
}

export interface RejectedText {
  readonly index: number;
  /** Names the field and what was expected. */
  readonly reason: string;
  /** The beginning of the record's text. */
  readonly excerpt: string;
}
