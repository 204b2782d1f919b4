import type { Judgement } from './judgement.ts';
import type { RuleView } from './rule-view.ts';
import { isMissing } from './scale-in.ts';
import type { Situation } from './scale-out.ts';

/** Step 7: a metric cannot be read and there are fewer instances than the default. Raises only. */
export function raiseToDefault({
  rules,
  limits,
  current,
  judgement,
}: Situation): Judgement | undefined {
  if (current >= limits.default) return undefined;
  const missing = rules.filter((view) => isMissing(view) && view.missing.kind !== 'hold');
  if (missing.length === 0) return undefined;
  judgement.note('default', raiseText, missing, limits.default);
  return judgement.act('DefaultCapacity', limits.default);
}

function raiseText(missing: readonly RuleView[], fallback: number): string {
  const names = new Set(missing.map(({ rule }) => rule.trigger.metricName));
  return `${[...names].join(', ')} cannot be read: raise to the default ${fallback}`;
}
