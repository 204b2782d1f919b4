import { after } from '@headroom/core';
import type { Decision, DecisionOutcome, Millis, Reason } from '@headroom/core';
import { differencesOf } from './differences.ts';
import type { Difference } from './differences.ts';
import { runEndOf } from './run-end.ts';
import type { Expectation, ExpectedDecision, ScaleTest } from './scale-test.ts';
import { simulatedRun } from './simulated-run.ts';
import type { SimulatedRun } from './simulated-run.ts';
import { Timeline } from './timeline.ts';
import type { TimelineRow } from './timeline.ts';

export interface ScaleTestResult {
  readonly test: ScaleTest;
  /** Empty: it passed. In the order of the file; the decisions come last. */
  readonly failures: readonly ScaleTestFailure[];
  /** All actions of the run. */
  readonly actions: readonly Action[];
  readonly evaluations: number;
}

export type ScaleTestFailure = FailedExpectation | FailedDecisions;

export interface FailedExpectation {
  readonly kind: 'expectation';
  readonly expectation: Expectation;
  readonly differences: readonly Difference[];
  /** The last evaluation at or before it, which was looked at. */
  readonly evaluation?: Decision;
  readonly timeline: readonly TimelineRow[];
}

/** The actions of the run are others than those expected. */
export interface FailedDecisions {
  readonly kind: 'decisions';
  readonly expected: readonly ExpectedDecision[];
  readonly found: readonly Action[];
}

/** A decision that scales; times since the start. */
export interface Action {
  readonly at: Millis;
  /** The rule's key of a limit. */
  readonly key?: string;
  readonly outcome: DecisionOutcome;
  readonly reason: Reason;
  readonly from: number;
  readonly to: number;
}

/** Runs a test over a log of its own, from start to end, and says what is not as expected. */
export function runScaleTest(test: ScaleTest): ScaleTestResult {
  const run = new TestRun(test);
  const found = [...test.expect]
    .sort((a, b) => a.at - b.at)
    .map((expectation) => [expectation, run.check(expectation)] as const);
  const byExpectation = new Map(found);
  const failures: ScaleTestFailure[] = test.expect.flatMap(
    (expectation) => byExpectation.get(expectation) ?? [],
  );
  run.finish();
  const { actions, evaluations } = run;
  const { decisions: expected } = test;
  if (expected !== undefined && !areAsExpected(expected, actions)) {
    failures.push({ kind: 'decisions', expected, found: actions });
  }
  return { test, failures, actions, evaluations };
}

/** A simulation, and what the expectations look at. */
class TestRun {
  readonly actions: Action[] = [];
  evaluations = 0;
  readonly #test: ScaleTest;
  readonly #timeline: Timeline;
  readonly #run: SimulatedRun;

  constructor(test: ScaleTest) {
    this.#test = test;
    this.#timeline = new Timeline(test.start);
    this.#run = simulatedRun(test, (step, capacity) => {
      this.#timeline.add(step, capacity);
      if (step.kind === 'evaluation') this.#count(step.decision);
    });
  }

  check(expectation: Expectation): FailedExpectation | undefined {
    this.#run.advanceTo(after(this.#test.start, expectation.at));
    const { last, capacity } = this.#run.seen(expectation);
    const differences = differencesOf(expectation, last, capacity);
    if (differences.length === 0) return undefined;
    return {
      kind: 'expectation',
      expectation,
      differences,
      timeline: this.#timeline.around(),
      ...(last === undefined ? {} : { evaluation: last }),
    };
  }

  finish(): void {
    this.#run.finishAt(after(this.#test.start, runEndOf(this.#test)));
  }

  #count(decision: Decision): void {
    this.evaluations++;
    const { outcome, reason, capacity, at, limit } = decision;
    if (outcome === 'Hold') return;
    const { before: from = 0, after: to = 0 } = capacity;
    const key = limit === undefined ? {} : { key: limit.key };
    this.actions.push({ at: at - this.#test.start, ...key, outcome, reason, from, to });
  }
}

function areAsExpected(expected: readonly ExpectedDecision[], found: readonly Action[]): boolean {
  return (
    expected.length === found.length &&
    expected.every((decision, index) => isAsExpected(decision, found[index]))
  );
}

/** Whether an action is the one expected: in every key that was given. */
export function isAsExpected(expected: ExpectedDecision, found: Action | undefined): boolean {
  if (found === undefined) return false;
  const { at, key, outcome, reason, from, to } = expected;
  return (
    at === found.at &&
    (key ?? found.key) === found.key &&
    (outcome ?? found.outcome) === found.outcome &&
    (reason ?? found.reason) === found.reason &&
    (from ?? found.from) === found.from &&
    (to ?? found.to) === found.to
  );
}
