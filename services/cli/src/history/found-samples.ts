import type { Sample } from '@headroom/core';
import type { CapacityChangeAt } from '@headroom/scenario';

export interface SamplesFile {
  /** Rising in time. */
  readonly samples: readonly Sample[];
  /** Of the column `capacity`; empty where there is none. */
  readonly capacities: readonly CapacityChangeAt[];
}

/** What a file holds, in its order, and what is wrong with it: `LINE: …`. */
export interface FoundSamples extends SamplesFile {
  readonly problems: readonly string[];
}
