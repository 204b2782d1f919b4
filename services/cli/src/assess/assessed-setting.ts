import type { Assessment } from '@headroom/scenario';

/** A setting that was assessed, without the samples: months of those of many settings do not fit into memory. */
export interface AssessedSetting {
  readonly assessment: Assessment;
  /** Its part of the report. */
  readonly section: string;
}

/** What only charts need. */
export function withoutSamples({ history, ...assessment }: Assessment): Assessment {
  return { ...assessment, history: { ...history, samples: [], observed: [] } };
}
