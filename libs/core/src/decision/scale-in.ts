import { durationText } from '../lang/duration-text.ts';
import type { Reason, RuleReport, Verdict } from './decision.ts';
import { avoidFlapping } from './flapping.ts';
import type { Situation } from './scale-out.ts';
import { ruleText } from './scale-out.ts';

/**
 * Steps 8 and 9: in only if there is an in rule, all of them fire, nothing is missing, and the result would not be
 * reversed. The highest remaining count wins: it lowers as little as possible.
 */
export function scaleIn(situation: Situation): Verdict {
  const { rules, limits, current, trail } = situation;
  const inRules = rules.filter((rule) => isInRule(rule, situation));
  const reason = whyNot(rules, inRules);
  if (reason !== undefined) {
    trail.note('scaleIn', whyNotText(reason, rules, inRules));
    return trail.hold(reason);
  }
  trail.note('scaleIn', `all fired: ${inRules.map(ruleText).join(', ')}`);
  if (current <= limits.minimum) return trail.hold('AtMinimum');
  const proposed = Math.max(...inRules.map((rule) => rule.proposed ?? current));
  // An in rule never raises: `ExactCount` at or above the capacity asks for nothing.
  if (proposed >= current) return trail.hold('NotTriggered');
  const leftMs = Math.max(...inRules.map((rule) => rule.cooldownLeftMs));
  if (leftMs > 0) {
    trail.note('scaleIn', `cooling for ${durationText(leftMs)} more`);
    return trail.dueIn(leftMs).hold('Cooldown');
  }
  trail.propose(proposed);
  return avoidFlapping(situation, Math.max(proposed, limits.minimum));
}

/** `ExactCount` without a direction is one of them only while it fires, and from above its count. */
function isInRule(rule: RuleReport, { profileRules, current }: Situation): boolean {
  if (rule.direction !== 'in') return false;
  const directed = profileRules[rule.index]?.action.direction !== 'None';
  return directed || (rule.proposed ?? current) < current;
}

/** The first reason that applies, in the order of the design. */
function whyNot(rules: readonly RuleReport[], inRules: readonly RuleReport[]): Reason | undefined {
  const kindIs = (kind: string) => rules.some((rule) => rule.reading.kind === kind);
  if (kindIs('warming')) return 'Warming';
  if (kindIs('missing') || inRules.some(isPartial)) return 'MetricMissing';
  const fired = inRules.filter((rule) => rule.fired).length;
  if (fired === 0) return 'NotTriggered';
  return fired < inRules.length ? 'NotAllTriggered' : undefined;
}

function whyNotText(reason: Reason, rules: readonly RuleReport[], inRules: readonly RuleReport[]) {
  const named = (some: readonly RuleReport[]) =>
    [...new Set(some.map((rule) => rule.metric))].join(', ');
  switch (reason) {
    case 'Warming':
      return `not watched for a whole window yet: ${named(rules.filter(isOf('warming')))}`;
    case 'MetricMissing': {
      const [missing, partial] = [
        named(rules.filter(isOf('missing'))),
        named(inRules.filter(isPartial)),
      ];
      return [missing && `cannot be read: ${missing}`, partial && `with gaps: ${partial}`]
        .filter((text) => text !== '')
        .join('; ');
    }
    default:
      return inRules.length === 0
        ? 'there is no in rule'
        : `not fired: ${inRules
            .filter((rule) => !rule.fired)
            .map(ruleText)
            .join(', ')}`;
  }
}

function isOf(kind: 'warming' | 'missing'): (rule: RuleReport) => boolean {
  return (rule) => rule.reading.kind === kind;
}

function isPartial({ reading }: RuleReport): boolean {
  return reading.kind === 'value' && reading.completeness === 'partial';
}
