import type { Instant } from '../lang/instant.ts';
import type { DecisionOutcome } from '../decision/decision.ts';
import type { Reason } from '../decision/reasons.ts';
import type { IngestPath } from '../metric/sample.ts';

/**
 * Something about a setting that its author should know. `error`: a part of it cannot do what it says. `warning`: it
 * will, in a situation that is named, do what is hardly meant. `note`: what it means may surprise.
 */
export interface LintFinding {
  /** The check that found it, in kebab case: `thresholds-flap`. */
  readonly rule: string;
  readonly severity: Severity;
  /** Path as in the ARM JSON: `properties.profiles[0].rules[1].scaleAction.direction`. */
  readonly field: string;
  /** One line. */
  readonly title: string;
  readonly why: string;
  /** What to do about it. */
  readonly fix: string;
  /** Shows it: a scale test that passes as long as the finding is there. */
  readonly trace?: ExampleTrace;
}

export const severities = ['error', 'warning', 'note'] as const;
export type Severity = (typeof severities)[number];

export interface LintOptions {
  /** Schedules are looked at from here on, for a year. */
  readonly from: Instant;
  /** How the metrics come, where that is known: not every metric comes every way. */
  readonly path?: IngestPath;
}

/**
 * Metrics over time and what is decided then, in mode `act`: the document of a scale test in all but its name, setting
 * and options.
 */
export interface ExampleTrace {
  /** Instances when it begins. */
  readonly capacity: number;
  /** ISO 8601; where it matters when it begins. */
  readonly start?: string;
  readonly input: readonly TraceInput[];
  readonly expect: readonly TraceExpectation[];
}

export interface TraceInput {
  readonly metric: string;
  /** The resource's id; absent: the target. */
  readonly resource?: string;
  readonly dimensions?: Readonly<Record<string, string>>;
  /** A duration: `1m`. */
  readonly every: string;
  /** In the notation of scale tests: `50x5 80x10`. */
  readonly values: string;
}

export interface TraceExpectation {
  /** A duration since the begin: `5m`. */
  readonly at: string;
  readonly outcome?: DecisionOutcome;
  readonly reason?: Reason;
  readonly profile?: string;
  readonly capacity?: number;
}
