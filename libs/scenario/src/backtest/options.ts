import { minuteMs } from '@headroom/core';
import type { AutoscaleSetting, Instant, Millis, Policy } from '@headroom/core';

/** A setting that is tried on a history. */
export interface Candidate {
  readonly setting: AutoscaleSetting;
  readonly policy: Policy;
}

export interface BacktestOptions {
  /** From the end of a grain until its sample is there; `defaultDataAgeMs` where absent. */
  readonly dataAgeMs?: Millis;
  /** How the samples come: decides how old they may be. As Azure Monitor is polled where absent. */
  readonly path?: string;
  /** How long an operation takes; else as on record, else `defaultProvisioningMs`. */
  readonly provisioningMs?: Millis;
  /** Instances all the time, where nobody recorded them. */
  readonly capacity?: number;
  /** By the metric's name in lower case: what somebody who knows says of it. */
  readonly models?: ReadonlyMap<string, StatedModel>;
  /** By whose thresholds minutes over and under them are counted; the candidate's own where absent. */
  readonly yardstick?: AutoscaleSetting;
  /** A part of the history. */
  readonly from?: Instant;
  readonly to?: Instant;
}

export const statedModels = ['shared', 'independent'] as const;
export type StatedModel = (typeof statedModels)[number];

/** About what Azure Monitor takes to have a minute of a platform metric. */
export const defaultDataAgeMs = minuteMs;

/**
 * Where no operation is on record. A guess: a scale set takes a few minutes, and 12 to 18 were reported of ML online
 * deployments (Azure/azureml-examples#3515).
 */
export const defaultProvisioningMs = 5 * minuteMs;
