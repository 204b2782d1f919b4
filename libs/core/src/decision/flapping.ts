import type { RuleReport, Verdict } from './decision.ts';
import { holds } from './rule-report.ts';
import type { Situation } from './scale-out.ts';

/**
 * Step 9: a scale-in that its own projection would reverse is not done. The load stays and is shared by fewer instances:
 * `projected = value × current / new`. The first safe count from `target` up to one below the current is taken.
 */
export function avoidFlapping(situation: Situation, target: number): Verdict {
  const { rules, current, trail } = situation;
  for (let count = target; count < current; count++) {
    if (wouldReverse(rules, current, count)) continue;
    trail.report(withProjections(rules, current, count));
    if (count === target) return trail.act('ScaleInRule', count);
    trail.note('flapping', `${target} would scale out again at once: ${count} does not`);
    return trail.act('FlappingAdjusted', count);
  }
  trail.report(withProjections(rules, current, target));
  trail.note('flapping', `every count from ${target} to ${current - 1} would scale out again`);
  return trail.hold('Flapping');
}

function wouldReverse(rules: readonly RuleReport[], current: number, count: number): boolean {
  return rules.some((rule) => {
    const projected = projection(rule, current, count);
    return projected !== undefined && holds(rule.operator, projected, rule.threshold);
  });
}

function withProjections(rules: readonly RuleReport[], current: number, count: number) {
  return rules.map((rule): RuleReport => {
    const projected = projection(rule, current, count);
    // What is infinite has no place in a record: JSON has no word for it.
    return projected === undefined || !Number.isFinite(projected) ? rule : { ...rule, projected };
  });
}

/** Down to no instance at all every load is infinite; a load of nothing stays nothing. */
function projection(rule: RuleReport, current: number, count: number): number | undefined {
  if (rule.direction !== 'out' || rule.observed === undefined) return undefined;
  return rule.observed === 0 ? 0 : (rule.observed * current) / count;
}
