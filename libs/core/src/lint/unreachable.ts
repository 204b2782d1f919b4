import { never } from '../lang/assert.ts';
import { holds } from '../decision/rule-view.ts';
import { criticalValues, numberText } from './critical-values.ts';
import type { LintFinding } from './finding.ts';
import type { LintedProfile, LintedRule } from './linted-setting.ts';
import { rangeOf } from './metric-catalog.ts';

/** Thresholds that the metric never reaches, or that it never leaves. */
export function thresholdsOutOfRange({ rules }: LintedProfile): readonly LintFinding[] {
  return rules.flatMap((rule) => {
    const fires = reach(rule);
    return fires === 'sometimes' ? [] : [outOfRange(rule, fires)];
  });
}

type Reach = 'never' | 'always' | 'sometimes';

function reach({ rule: { trigger } }: LintedRule): Reach {
  const values = criticalValues([trigger.threshold], rangeOf(trigger));
  const firing = values.filter((value) => holds(trigger.operator, value, trigger.threshold));
  if (firing.length === 0) return 'never';
  return firing.length === values.length ? 'always' : 'sometimes';
}

function outOfRange(rule: LintedRule, fires: 'never' | 'always'): LintFinding {
  const { trigger, action } = rule.rule;
  const { least, most } = rangeOf(trigger);
  const bounds = most === Infinity ? `is never below ${least}` : `is between ${least} and ${most}`;
  const raises = action.direction === 'Increase';
  return {
    rule: fires === 'never' ? 'never-fires' : 'always-fires',
    severity: fires === 'never' || raises ? 'error' : 'warning',
    field: `${rule.field}.metricTrigger.threshold`,
    title: `"${rule.text}" ${fires === 'never' ? 'can never be true' : 'is always true'}`,
    why: `${trigger.metricName} ${bounds}. ${effect(fires, action.direction)}`,
    fix: `Choose a threshold that the metric crosses; ${numberText(trigger.threshold)} it does not.`,
  };
}

function effect(fires: 'never' | 'always', direction: 'Increase' | 'Decrease' | 'None'): string {
  switch (direction) {
    case 'Increase':
      return fires === 'never'
        ? 'The rule never adds an instance.'
        : 'The target will grow to its maximum and stay there.';
    case 'Decrease':
      return fires === 'never'
        ? 'All in rules have to fire, so nothing is ever taken away.'
        : 'The rule says nothing: the other in rules alone decide, and without others every ' +
            'pause of the out rules scales in.';
    case 'None':
      return fires === 'never' ? 'The rule never acts.' : 'The target will be held at its count.';
    default:
      return never(direction);
  }
}

/** In rules that exclude each other, or that an out rule always answers first: all have to fire, and no out rule. */
export function scaleInNever(profile: LintedProfile): readonly LintFinding[] {
  const byReading = Map.groupBy(profile.rules, ({ readingKey }) => readingKey);
  for (const rules of byReading.values()) {
    const ins = rules.filter(({ rule }) => rule.action.direction === 'Decrease');
    const outs = rules.filter(({ rule }) => rule.action.direction === 'Increase');
    const [first] = ins;
    if (first === undefined || ins.some((rule) => reach(rule) === 'never')) continue;
    const values = criticalValues(
      rules.map(({ rule }) => rule.trigger.threshold),
      rangeOf(first.rule.trigger),
    );
    const together = values.filter((value) => ins.every((rule) => firesAt(rule, value)));
    if (together.some((value) => !outs.some((rule) => firesAt(rule, value)))) continue;
    return [neverIn(first, ins, together.length === 0 ? [] : outs)];
  }
  return [];
}

function neverIn(
  first: LintedRule,
  ins: readonly LintedRule[],
  outs: readonly LintedRule[],
): LintFinding {
  const named = (rules: readonly LintedRule[]) => rules.map(({ text }) => `"${text}"`).join(', ');
  return {
    rule: 'scale-in-never',
    severity: 'error',
    field: first.field,
    title: 'No rule ever takes an instance away: the in rules cannot come to act',
    why:
      outs.length === 0
        ? `All in rules have to fire at once, and ${named(ins)} never do.`
        : `Wherever ${named(ins)} fires, an out rule does too (${named(outs)}), and out rules come first.`,
    fix: 'Choose thresholds so that there are values at which every in rule fires and no out rule.',
  };
}

/** Whether the rule fires where the value that it compares is this. */
export function firesAt({ rule: { trigger } }: LintedRule, value: number): boolean {
  return holds(trigger.operator, value, trigger.threshold);
}
