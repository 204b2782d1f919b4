import { assert } from '../lang/assert.ts';
import type { DecideInput } from '../decision/decide-input.ts';
import type { Judgement } from '../decision/judgement.ts';
import type { RuleView } from '../decision/rule-view.ts';
import { lowerCounts, relative } from './boundaries.ts';
import { sameAlternative } from './trials.ts';
import type { Trials } from './trials.ts';
import type { ThresholdFlip } from './flip.ts';
import { firstFlip } from './metric-flip.ts';
import { around, tidyBeyond } from './tidy-number.ts';

/** The smallest change of one rule's threshold, if any flips. */
export function thresholdFlip(
  input: DecideInput,
  before: Judgement,
  trials: Trials,
): ThresholdFlip | undefined {
  const counts = lowerCounts(input, before);
  let nearest: ThresholdFlip | undefined;
  for (const view of before.rules) {
    const flip = flipOf(view, input, before.before ?? 0, counts, trials);
    if (flip !== undefined && flip.distance < (nearest?.distance ?? Infinity)) nearest = flip;
  }
  return nearest;
}

function flipOf(
  { rule, index, observed }: RuleView,
  input: DecideInput,
  current: number,
  counts: readonly number[],
  trials: Trials,
): ThresholdFlip | undefined {
  if (observed === undefined) return undefined;
  const { metricName: metric, threshold: from } = rule.trigger;
  const run = (threshold: number) => trials.otherwise(withThreshold(input, index, threshold));
  const projected = counts.map((count) => (observed * current) / count);
  const edges = rule.action.direction === 'Decrease' ? [observed] : [observed, ...projected];
  const found = firstFlip(edges.filter(Number.isFinite).flatMap(around), from, run);
  if (found === undefined) return undefined;
  const to = tidyBeyond(from, found.to, (value) => sameAlternative(found.becomes, run(value)));
  const distance = relative(to - from, observed, from);
  return { kind: 'threshold', metric, rule: index, from, to, distance, becomes: found.becomes };
}

function withThreshold(input: DecideInput, index: number, threshold: number): DecideInput {
  const { active, setting } = input;
  assert(active !== undefined, 'rules were read of a profile');
  const rules = active.profile.rules.map((rule, place) =>
    place === index ? { ...rule, trigger: { ...rule.trigger, threshold } } : rule,
  );
  const profile = { ...active.profile, rules };
  const profiles = setting.profiles.map((other, place) =>
    place === active.index ? profile : other,
  );
  return { ...input, setting: { ...setting, profiles }, active: { ...active, profile } };
}
