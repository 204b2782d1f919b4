import type { Reason } from './reasons.ts';
import { avoidFlapping } from './flapping.ts';
import type { Judgement } from './judgement.ts';
import type { RuleView } from './rule-view.ts';
import { asked, firedText, highest, holdForBudget, ruleText, waitText } from './scale-out.ts';
import type { Situation } from './scale-out.ts';

/**
 * Steps 8 and 9: in only if there is an in rule, all of them fire, nothing is missing, and the result would not be
 * reversed. The highest remaining count wins: it lowers as little as possible.
 */
export function scaleIn(situation: Situation): Judgement {
  const { rules, limits, current, judgement } = situation;
  const inRules = rules.filter((rule) => isInRule(rule, current));
  const reason = whyNot(rules, inRules);
  if (reason !== undefined) {
    judgement.note('scaleIn', whyNotText, reason, rules, inRules);
    return judgement.hold(reason);
  }
  judgement.note('scaleIn', firedText, 'all fired', inRules);
  if (current <= limits.minimum) return judgement.hold('AtMinimum');
  const winner = highest(inRules, current);
  // An in rule never raises: `ExactCount` at or above the capacity asks for nothing.
  if (asked(winner, current) >= current) return judgement.hold('NotTriggered');
  const leftMs = Math.max(...inRules.map((rule) => rule.cooldownLeftMs));
  if (leftMs > 0) {
    judgement.note('cooldown', waitText, 'cooling', leftMs);
    return judgement.dueIn(leftMs).hold('Cooldown');
  }
  return holdForBudget(situation) ?? avoidFlapping(situation, winner);
}

/** `ExactCount` without a direction is one of them only while it fires, and from above its count. */
function isInRule(view: RuleView, current: number): boolean {
  if (view.direction !== 'in') return false;
  return view.rule.action.direction !== 'None' || asked(view, current) < current;
}

/** The first reason that applies, in the order of the design. */
function whyNot(rules: readonly RuleView[], inRules: readonly RuleView[]): Reason | undefined {
  if (rules.some(isWarming)) return 'Warming';
  if (rules.some(isMissing) || inRules.some(hasGaps)) return 'MetricMissing';
  const fired = inRules.filter((rule) => rule.fired).length;
  if (fired === 0) return 'NotTriggered';
  return fired < inRules.length ? 'NotAllTriggered' : undefined;
}

function whyNotText(reason: Reason, rules: readonly RuleView[], inRules: readonly RuleView[]) {
  if (reason === 'Warming') {
    return `not watched for a whole window yet: ${metricsOf(rules.filter(isWarming))}`;
  }
  if (reason === 'MetricMissing') {
    const missing = metricsOf(rules.filter(isMissing));
    const gaps = metricsOf(inRules.filter(hasGaps));
    return [missing && `cannot be read: ${missing}`, gaps && `with gaps: ${gaps}`]
      .filter((text) => text !== '')
      .join('; ');
  }
  if (inRules.length === 0) return 'there is no in rule';
  const unfired = inRules.filter((rule) => !rule.fired);
  return `not fired: ${unfired.map(ruleText).join(', ')}`;
}

function metricsOf(rules: readonly RuleView[]): string {
  return [...new Set(rules.map(({ rule }) => rule.trigger.metricName))].join(', ');
}

function isWarming({ reading }: RuleView): boolean {
  return reading.kind === 'warming';
}

export function isMissing({ reading }: RuleView): boolean {
  return reading.kind === 'missing';
}

function hasGaps({ reading }: RuleView): boolean {
  return reading.kind === 'value' && reading.completeness !== 'complete';
}
