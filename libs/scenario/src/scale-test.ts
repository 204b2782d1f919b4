import type {
  AiAccount,
  AutoscaleSetting,
  BlockedBy,
  DecisionOutcome,
  Dimensions,
  Instant,
  Millis,
  Override,
  Policy,
  RateLimitPolicy,
  Reason,
} from '@headroom/core';
import type { SeriesValues } from './series-notation.ts';

/** A scale test, read. Times are milliseconds since the start of its log. */
export type ScaleTest = SettingTest | LimitTest;

/** Of an autoscale setting. */
export interface SettingTest extends TestOf<Intervention> {
  readonly kind: 'setting';
  readonly setting: AutoscaleSetting;
  readonly policy: Policy;
  /** Instances when the log begins. */
  readonly capacity: number;
  /** How long an operation takes. */
  readonly scaling: Millis | 'fail';
}

/** Of the limits of an AI services account; they are the defaults when the log begins, and are set at once. */
export interface LimitTest extends TestOf<LimitIntervention> {
  readonly kind: 'ratelimit';
  readonly account: AiAccount;
  readonly policy: RateLimitPolicy;
  readonly calls: readonly CallSeries[];
}

/** Calls a second that come for one limit; those above it are answered 429. */
export interface CallSeries {
  /** The rule's key. */
  readonly key: string;
  /** For how long each value holds. */
  readonly everyMs: Millis;
  readonly values: SeriesValues;
  readonly by: BlockedBy;
}

export interface TestOf<Event> {
  readonly name: string;
  /** Where it stands. */
  readonly file: string;
  readonly line: number;
  readonly start: Instant;
  readonly inputs: readonly ScaleTestInput[];
  readonly events: readonly ScaleTestEvent<Event>[];
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

export type ScaleTestEvent<Event> = { readonly at: Millis } & (Event | LateSample);

export interface LateSample {
  readonly kind: 'sample';
  readonly origin: SampleOrigin;
  /** Where its grain begins. */
  readonly time: Millis;
  readonly value: number;
}

/** What somebody does from outside. */
export type Intervention =
  | { readonly kind: 'capacity'; readonly instances: number }
  | { readonly kind: 'override'; readonly override: Override };

export type LimitIntervention =
  | { readonly kind: 'override'; readonly override: Override }
  /** The account's switch. */
  | { readonly kind: 'switch'; readonly on: boolean }
  | { readonly kind: 'options'; readonly policy: RateLimitPolicy };

/** Holds right after everything up to and including `at`; a key that is absent is not looked at. */
export interface Expectation {
  readonly at: Millis;
  readonly line: number;
  readonly outcome?: DecisionOutcome;
  readonly reason?: Reason;
  /** The profile's name. */
  readonly profile?: string;
  readonly capacity?: number;
  /** Of a test of limits, always: the rule's key. */
  readonly key?: string;
  /** Calls a second in force. */
  readonly limit?: number;
  /** By rule index; `null`: the rule has no such number. */
  readonly observed?: ExpectedNumbers;
  readonly projected?: ExpectedNumbers;
}

export type ExpectedNumbers = ReadonlyMap<number, number | null>;

export interface ExpectedDecision {
  readonly at: Millis;
  /** The rule's key of a limit. */
  readonly key?: string;
  readonly outcome?: DecisionOutcome;
  readonly reason?: Reason;
  readonly from?: number;
  readonly to?: number;
}
