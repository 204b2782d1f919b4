import { ladderOf } from '../setting/capacity-ladder.ts';
import type { Judgement } from './judgement.ts';
import { holds } from './rule-view.ts';
import type { RuleView } from './rule-view.ts';
import { asked } from './scale-out.ts';
import type { Situation } from './scale-out.ts';

/**
 * Step 9: a scale-in that its own projection would reverse is not done. The load stays and is shared by fewer instances:
 * `projected = value × current / new`. The first safe count from the target up to one below the current is taken.
 */
export function avoidFlapping(situation: Situation, winner: RuleView): Judgement {
  const { rules, limits, current, judgement } = situation;
  const target = Math.max(asked(winner, current), limits.minimum);
  for (const count of candidates(situation, target)) {
    if (wouldReverse(rules, current, count)) continue;
    project(rules, current, count);
    if (count === target) return judgement.act('ScaleInRule', count, winner);
    judgement.note('flapping', () => `${target} would scale out again at once: ${count} does not`);
    return judgement.act('FlappingAdjusted', count, winner);
  }
  project(rules, current, target);
  judgement.proposed = asked(winner, current);
  judgement.note(
    'flapping',
    () => `every count from ${target} to ${current - 1} would scale out again`,
  );
  return judgement.hold('Flapping');
}

/** The target, then every count up to one below the current that the target's ladder has. */
function* candidates({ input, current }: Situation, target: number): Iterable<number> {
  const ladder = ladderOf(input.policy, input.setting.target);
  yield target;
  if (ladder === undefined) {
    for (let count = target + 1; count < current; count++) yield count;
  } else {
    for (const count of ladder) if (count > target && count < current) yield count;
  }
}

function wouldReverse(rules: readonly RuleView[], current: number, count: number): boolean {
  return rules.some((view) => {
    const projected = projection(view, current, count);
    const { operator, threshold } = view.rule.trigger;
    return projected !== undefined && holds(operator, projected, threshold);
  });
}

function project(rules: readonly RuleView[], current: number, count: number): void {
  for (const view of rules) {
    const projected = projection(view, current, count);
    // What is infinite has no place in a record: JSON has no word for it.
    if (projected !== undefined && Number.isFinite(projected)) view.projected = projected;
  }
}

/** Down to no instance at all every load is infinite; a load of nothing stays nothing. */
function projection(view: RuleView, current: number, count: number): number | undefined {
  if (!raisesFrom(view, count) || view.observed === undefined) return undefined;
  return view.observed === 0 ? 0 : (view.observed * current) / count;
}

/** `ExactCount` without a direction is an out rule for every count below its own. */
function raisesFrom({ rule }: RuleView, count: number): boolean {
  const { direction, value } = rule.action;
  return direction === 'Increase' || (direction === 'None' && value > count);
}
