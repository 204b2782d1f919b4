import type { AutoscaleSetting, Sample } from '@headroom/core';
import type { CapacityChangeAt } from '@headroom/scenario';
import { CommandFailed } from '../command-failed.ts';

export interface SamplesFile {
  /** Rising in time. */
  readonly samples: readonly Sample[];
  /** Of the column `capacity`; empty where there is none. */
  readonly capacities: readonly CapacityChangeAt[];
}

/**
 * The samples of a CSV file (`time,metric,value` with `resource` and `capacity` where they are known, or `time` and a column
 * for each metric), or of NDJSON as Azure Monitor writes records; either may be gzipped. Where a row names no resource,
 * it is the one of the setting's rules on the metric.
 *
 * @throws CommandFailed: names the file, the line and the column
 */
export function readSamples(_file: string, _setting: AutoscaleSetting): Promise<SamplesFile> {
  return Promise.reject(new CommandFailed('samples cannot be read yet'));
}
