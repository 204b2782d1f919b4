import { durationText } from '../lang/duration-text.ts';
import type { CapacityLimits, Operator, Rule } from '../setting/autoscale-setting.ts';
import type { RuleReport, Verdict } from './decision.ts';
import type { Trail } from './trail.ts';

/** What the later steps look at. */
export interface Situation {
  readonly rules: readonly RuleReport[];
  /** The profile's rules, which the reports' `index` points into. */
  readonly profileRules: readonly Rule[];
  readonly limits: CapacityLimits;
  readonly current: number;
  readonly trail: Trail;
}

/**
 * Step 6: any out rule. The highest result of those past their cooldown wins. `undefined`: none fired; otherwise the
 * question ends here, acted on or not.
 */
export function scaleOut({ rules, limits, current, trail }: Situation): Verdict | undefined {
  const fired = rules.filter((rule) => rule.direction === 'out' && rule.fired);
  if (fired.length === 0) return undefined;
  trail.note('scaleOut', `fired: ${fired.map(ruleText).join(', ')}`);
  if (current >= limits.maximum) return trail.hold('AtMaximum');
  const raising = fired.filter((rule) => (rule.proposed ?? 0) > current);
  if (raising.length === 0) return trail.hold('NotTriggered');
  const cooled = raising.filter((rule) => rule.cooldownLeftMs === 0);
  if (cooled.length === 0) {
    const leftMs = Math.min(...raising.map((rule) => rule.cooldownLeftMs));
    trail.note('scaleOut', `all are cooling, the first for ${durationText(leftMs)} more`);
    return trail.dueIn(leftMs).hold('Cooldown');
  }
  const highest = Math.max(...cooled.map((rule) => rule.proposed ?? current));
  return trail.propose(highest).act('ScaleOutRule', Math.min(highest, limits.maximum));
}

/** For people. */
export const operatorSigns: Readonly<Record<Operator, string>> = {
  Equals: '=',
  NotEquals: '≠',
  GreaterThan: '>',
  GreaterThanOrEqual: '≥',
  LessThan: '<',
  LessThanOrEqual: '≤',
};

/** A rule and what it saw: `CpuUtilizationPercentage 83.2 > 70`. */
export function ruleText({ metric, observed, operator, threshold }: RuleReport): string {
  const value = observed === undefined ? '?' : String(Math.round(observed * 100) / 100);
  return `${metric} ${value} ${operatorSigns[operator]} ${threshold}`;
}
