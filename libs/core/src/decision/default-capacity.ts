import type { RuleReport, Verdict } from './decision.ts';
import type { Situation } from './scale-out.ts';

export function metricsMissing(rules: readonly RuleReport[]): boolean {
  return rules.some((rule) => rule.reading.kind === 'missing');
}

/** Step 7: a metric cannot be read and there are fewer instances than the default. Raises only. */
export function raiseToDefault({ rules, limits, trail }: Situation): Verdict {
  const missing = rules.filter((rule) => rule.reading.kind === 'missing');
  const names = missing.map((rule) => rule.metric).join(', ');
  trail.note('default', `${names} cannot be read: raise to the default ${limits.default}`);
  return trail.act('DefaultCapacity', limits.default);
}
