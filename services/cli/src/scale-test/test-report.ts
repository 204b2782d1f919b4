import type { Millis } from '@headroom/core';
import type { ScaleTestProblem, ScaleTestResult } from '@headroom/scenario';

/** What became of one file. */
export interface FileReport {
  readonly file: string;
  readonly tests: readonly TestReport[];
  /** Tests that could not be read. */
  readonly problems: readonly ScaleTestProblem[];
}

export interface TestReport {
  readonly result: ScaleTestResult;
  readonly tookMs: Millis;
}
