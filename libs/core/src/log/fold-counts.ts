/** Counts since the fold was made; not part of its state. */
export interface FoldCounts {
  events: number;
  samples: number;
  /** Samples whose source position was folded before. */
  duplicates: number;
  /** Samples that ended after log time when they came: their producer's clock is ahead of the broker's. */
  ahead: number;
  /** Samples that were not kept because their metric has too many series. */
  refused: number;
  evaluations: number;
  errors: number;
  unreadable: number;
}

export function noCounts(): FoldCounts {
  return {
    events: 0,
    samples: 0,
    duplicates: 0,
    ahead: 0,
    refused: 0,
    evaluations: 0,
    errors: 0,
    unreadable: 0,
  };
}
