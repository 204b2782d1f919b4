import { holds } from '../decision/rule-view.ts';
import { dividesPerInstance } from '../setting/per-instance.ts';
import { criticalValues } from './critical-values.ts';
import type { LintedProfile, LintedRule } from './linted-setting.ts';
import { rangeOf } from './metric-catalog.ts';
import { judgementOf } from './steady-load.ts';

/** How many counts are looked at from either end of the bounds: constants and percentages cross once. */
const countsOfEndMax = 50;

/** What the rule asks for where it fires, from each of the lowest and highest counts of the profile. */
export function proposedCounts(profile: LintedProfile, rule: LintedRule): readonly number[] {
  const { trigger } = rule.rule;
  const value = criticalValues([trigger.threshold], rangeOf(trigger)).find((candidate) =>
    holds(trigger.operator, candidate, trigger.threshold),
  );
  if (value === undefined) return [];
  return endsOf(profile).map((instances) => {
    const read = dividesPerInstance(trigger) ? value * instances : value;
    const report = judgementOf(profile, instances, () => read).rules[rule.index];
    return report?.proposed ?? instances;
  });
}

/** At 0 instances a value per instance is none. */
function endsOf({ limits }: LintedProfile): readonly number[] {
  const { maximum } = limits;
  const minimum = Math.max(1, limits.minimum);
  const length = Math.min(countsOfEndMax, maximum - minimum + 1);
  const low = Array.from({ length: Math.max(0, length) }, (_, index) => minimum + index);
  return [...new Set([...low, ...low.map((count) => maximum - (count - minimum))])];
}
