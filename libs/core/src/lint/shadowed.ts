import { missingDataOf } from '../setting/policy.ts';
import { criticalValues } from './critical-values.ts';
import type { LintFinding } from './finding.ts';
import type { LintedProfile, LintedRule } from './linted-setting.ts';
import { rangeOf } from './metric-catalog.ts';
import { proposedCounts } from './proposed-counts.ts';
import { firesAt } from './unreachable.ts';

/** Rules that another rule makes superfluous: whenever they could decide, it decides the same or more. */
export function shadowedRules(profile: LintedProfile): readonly LintFinding[] {
  return profile.rules.flatMap((rule) => {
    const above = profile.rules.find((other) => isShadowedBy(profile, rule, other));
    return above === undefined ? [] : [findingOf(rule, above)];
  });
}

function isShadowedBy(profile: LintedProfile, rule: LintedRule, other: LintedRule): boolean {
  const { direction } = rule.rule.action;
  if (rule === other || direction === 'None' || rule.readingKey !== other.readingKey) return false;
  if (other.rule.action.direction !== direction) return false;
  const covers = direction === 'Increase' ? coversOut : coversIn;
  if (!covers(profile, rule, other)) return false;
  // Of two that cover each other the first stays.
  return other.index < rule.index || !covers(profile, other, rule);
}

/** Any out rule is enough: `other` fires whenever `rule` does, asks for as much, waits no longer. */
function coversOut(profile: LintedProfile, rule: LintedRule, other: LintedRule): boolean {
  return (
    implies(rule, other) &&
    asksForAtLeast(profile, other, rule) &&
    other.rule.action.cooldownMs <= rule.rule.action.cooldownMs &&
    actsAlikeOtherwise(profile, rule, other)
  );
}

/** All in rules have to fire: `rule` does whenever `other` does, and leaves no more instances nor waits longer. */
function coversIn(profile: LintedProfile, rule: LintedRule, other: LintedRule): boolean {
  return (
    implies(other, rule) &&
    asksForAtLeast(profile, other, rule) &&
    other.rule.action.cooldownMs >= rule.rule.action.cooldownMs &&
    actsAlikeOtherwise(profile, rule, other)
  );
}

/** Wherever `rule` fires, `other` does. Both compare one reading. */
function implies(rule: LintedRule, other: LintedRule): boolean {
  const thresholds = [rule.rule.trigger.threshold, other.rule.trigger.threshold];
  const values = criticalValues(thresholds, rangeOf(rule.rule.trigger));
  const firing = values.filter((value) => firesAt(rule, value));
  return firing.length > 0 && firing.every((value) => firesAt(other, value));
}

function asksForAtLeast(profile: LintedProfile, rule: LintedRule, other: LintedRule): boolean {
  const counts = proposedCounts(profile, rule);
  const others = proposedCounts(profile, other);
  return counts.every((count, index) => count >= (others[index] ?? Infinity));
}

/** Without data, and in what it leaves behind: the last winner's cooldown may count for all. */
function actsAlikeOtherwise({ policy, profile }: LintedProfile, a: LintedRule, b: LintedRule) {
  const direction = a.rule.action.direction === 'Increase' ? 'out' : 'in';
  const ofRule = ({ index, rule: { action } }: LintedRule) => [
    missingDataOf(policy, profile.name, index, direction),
    policy.cooldownFrom === 'lastFiredRule' ? action.cooldownMs : 0,
  ];
  return JSON.stringify(ofRule(a)) === JSON.stringify(ofRule(b));
}

function findingOf(rule: LintedRule, above: LintedRule): LintFinding {
  const out = rule.rule.action.direction === 'Increase';
  return {
    rule: 'shadowed-rule',
    severity: 'warning',
    field: rule.field,
    title: `"${rule.text}" never decides anything beside "${above.text}"`,
    why: out
      ? 'Whenever it fires, the other one does too, asks for as many instances or more, and ' +
        'waits no longer.'
      : 'All in rules have to fire. Whenever the other one does, this one does too; the other ' +
        'leaves as many instances or more, and waits as long.',
    fix: out
      ? 'Remove it, or let the stricter condition add more instances.'
      : 'Remove it, or let it look at another metric or window.',
  };
}
