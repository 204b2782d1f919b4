import type { Decision, RuleReport } from '@headroom/core';
import type { Expectation, ExpectedNumbers } from './scale-test.ts';

/** One key of an expectation that does not hold. */
export interface Difference {
  /** `outcome`, `observed[0]`. */
  readonly key: string;
  readonly expected: string;
  readonly found: string;
}

/** Numbers that were computed are compared within this, relative to the larger one. */
export const relativeTolerance = 1e-9;

/** What of an expectation does not hold for the last evaluation and the capacity in force. */
export function differencesOf(
  expectation: Expectation,
  evaluation: Decision | undefined,
  capacity: number,
): readonly Difference[] {
  const { outcome, reason, profile, observed, projected } = expectation;
  return [
    ...differing('outcome', outcome, evaluation?.outcome),
    ...differing('reason', reason, evaluation?.reason),
    ...differing('profile', profile, evaluation?.profile),
    ...differing('capacity', expectation.capacity, capacity),
    ...differing('limit', expectation.limit, capacity),
    ...numbersDiffering('observed', observed, evaluation, (rule) => rule.observed),
    ...numbersDiffering('projected', projected, evaluation, (rule) => rule.projected),
  ];
}

function differing(
  key: string,
  expected: string | number | undefined,
  found: string | number | undefined,
): readonly Difference[] {
  if (expected === undefined || expected === found) return [];
  return [{ key, expected: String(expected), found: String(found ?? 'none') }];
}

function numbersDiffering(
  key: string,
  expected: ExpectedNumbers | undefined,
  evaluation: Decision | undefined,
  numberOf: (rule: RuleReport) => number | undefined,
): readonly Difference[] {
  return [...(expected ?? [])].flatMap(([index, value]) => {
    const rule = evaluation?.rules.find((report) => report.index === index);
    const found = rule === undefined ? undefined : numberOf(rule);
    if (isNear(value, found)) return [];
    const text = found === undefined ? absenceText(evaluation, rule) : String(found);
    return [{ key: `${key}[${index}]`, expected: String(value ?? 'none'), found: text }];
  });
}

function isNear(expected: number | null, found: number | undefined): boolean {
  if (expected === null || found === undefined) return expected === null && found === undefined;
  const largest = Math.max(Math.abs(expected), Math.abs(found));
  return Math.abs(expected - found) <= relativeTolerance * largest;
}

/** Why there is no number. */
function absenceText(evaluation: Decision | undefined, rule: RuleReport | undefined): string {
  if (evaluation === undefined) return 'none: nothing was evaluated yet';
  if (evaluation.rules.length === 0) return `none: the rules were not read (${evaluation.reason})`;
  if (rule === undefined) return `none: the profile has ${evaluation.rules.length} rules`;
  return rule.reading.kind === 'value' ? 'none' : `none: the metric is ${rule.reading.kind}`;
}
