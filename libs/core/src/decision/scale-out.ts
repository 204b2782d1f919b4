import { durationText } from '../lang/duration-text.ts';
import type { Millis } from '../lang/instant.ts';
import type { CapacityLimits, Operator } from '../setting/autoscale-setting.ts';
import { budgetFreeAt, preemptsCooldown } from './cooldown.ts';
import type { DecideInput } from './decide-input.ts';
import type { Judgement } from './judgement.ts';
import type { RuleView } from './rule-view.ts';

/** What the later steps look at. */
export interface Situation {
  readonly input: DecideInput;
  readonly rules: readonly RuleView[];
  readonly limits: CapacityLimits;
  readonly current: number;
  readonly judgement: Judgement;
}

/**
 * Step 6: any out rule. The highest result of those past their cooldown wins. `undefined`: none fired; otherwise the
 * question ends here, acted on or not.
 */
export function scaleOut(situation: Situation): Judgement | undefined {
  const { rules, limits, current, judgement } = situation;
  const fired = rules.filter((rule) => rule.direction === 'out' && rule.fired);
  if (fired.length === 0) return undefined;
  judgement.note('scaleOut', firedText, 'fired', fired);
  if (current >= limits.maximum) return judgement.hold('AtMaximum');
  const raising = fired.filter((rule) => asked(rule, current) > current);
  if (raising.length === 0) return judgement.hold('NotTriggered');
  const spent = holdForBudget(situation);
  if (spent !== undefined) return spent;
  const cooled = pastCooldown(raising, situation);
  if (cooled.length === 0) {
    const leftMs = Math.min(...raising.map((rule) => rule.cooldownLeftMs));
    judgement.note('cooldown', waitText, 'all are cooling, the first', leftMs);
    return judgement.dueIn(leftMs).hold('Cooldown');
  }
  const winner = highest(cooled, current);
  return judgement.act('ScaleOutRule', Math.min(asked(winner, current), limits.maximum), winner);
}

/** The rule that asks for most; of several the first. */
export function highest(rules: readonly RuleView[], current: number): RuleView {
  return rules.reduce((best, rule) => (asked(rule, current) > asked(best, current) ? rule : best));
}

export function asked({ proposed }: RuleView, current: number): number {
  return proposed ?? current;
}

/** A budget of actions an hour that is spent holds what rules ask for. */
export function holdForBudget({ input, judgement }: Situation): Judgement | undefined {
  const freeAt = budgetFreeAt(input);
  if (freeAt === undefined) return undefined;
  const { flapBudget } = input.policy;
  judgement.note(
    'budget',
    () =>
      `${flapBudget ?? 0} actions an hour are spent: wait ${durationText(freeAt - input.now)} more`,
  );
  return judgement.due(freeAt).hold('FlapBudget');
}

function pastCooldown(raising: readonly RuleView[], { input, judgement }: Situation) {
  const cooled = raising.filter((rule) => rule.cooldownLeftMs === 0);
  if (cooled.length === raising.length || !preemptsCooldown(input)) return cooled;
  judgement.note('cooldown', () => 'a scale-out does not wait for the cooldown of a scale-in');
  return raising;
}

export function firedText(what: string, rules: readonly RuleView[]): string {
  return `${what}: ${rules.map(ruleText).join(', ')}`;
}

export function waitText(what: string, leftMs: Millis): string {
  return `${what} for ${durationText(leftMs)} more`;
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
export function ruleText({ rule, observed }: RuleView): string {
  const { metricName, operator, threshold } = rule.trigger;
  const value = observed === undefined ? '?' : String(Math.round(observed * 100) / 100);
  return `${metricName} ${value} ${operatorSigns[operator]} ${threshold}`;
}
