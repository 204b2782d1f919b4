import type {
  AutoscaleSetting,
  DecisionOutcome,
  Dimensions,
  Instant,
  Millis,
  Override,
  Policy,
  Reason,
} from '@headroom/core';
import type { SeriesValues } from './series-notation.ts';

/** A scale test, read. Times are milliseconds since the start of its log. */
export interface ScaleTest {
  readonly name: string;
  /** Where it stands. */
  readonly file: string;
  readonly line: number;
  readonly setting: AutoscaleSetting;
  readonly policy: Policy;
  /** Instances when the log begins. */
  readonly capacity: number;
  readonly start: Instant;
  /** How long an operation takes. */
  readonly scaling: Millis | 'fail';
  readonly inputs: readonly ScaleTestInput[];
  readonly events: readonly ScaleTestEvent[];
  readonly expect: readonly Expectation[];
  /** All actions of the run, in order; absent: not looked at. */
  readonly decisions?: readonly ExpectedDecision[];
}

/** What says of which series a sample is, and how it came. Resource and metric in lower case. */
export interface SampleOrigin {
  readonly metric: string;
  readonly resource: string;
  readonly dimensions: Dimensions;
  readonly path: SamplePath;
  /** The grain of a sample. */
  readonly everyMs: Millis;
}

export const samplePaths = ['test', 'push', 'poll', 'export'] as const;
export type SamplePath = (typeof samplePaths)[number];

export interface ScaleTestInput extends SampleOrigin {
  readonly lagMs: Millis;
  readonly values: SeriesValues;
}

export type ScaleTestEvent =
  | { readonly at: Millis; readonly kind: 'capacity'; readonly instances: number }
  | { readonly at: Millis; readonly kind: 'override'; readonly override: Override }
  | {
      readonly at: Millis;
      readonly kind: 'sample';
      readonly origin: SampleOrigin;
      /** Where its grain begins. */
      readonly time: Millis;
      readonly value: number;
    };

/** Holds right after everything up to and including `at`; a key that is absent is not looked at. */
export interface Expectation {
  readonly at: Millis;
  readonly line: number;
  readonly outcome?: DecisionOutcome;
  readonly reason?: Reason;
  /** The profile's name. */
  readonly profile?: string;
  readonly capacity?: number;
  /** By rule index; `null`: the rule has no such number. */
  readonly observed?: ExpectedNumbers;
  readonly projected?: ExpectedNumbers;
}

export type ExpectedNumbers = ReadonlyMap<number, number | null>;

export interface ExpectedDecision {
  readonly at: Millis;
  readonly outcome?: DecisionOutcome;
  readonly reason?: Reason;
  readonly from?: number;
  readonly to?: number;
}
