import { durationText, isoOf, operatorSigns } from '@headroom/core';
import type { Decision, RuleReport } from '@headroom/core';
import type { OddOperation } from './odd-operation.ts';
import { directionOf } from './findings.ts';

/** What Headroom found instead, for a person. */
export function unexplainedText(
  { operation, early }: OddOperation,
  then: Decision | undefined,
): string {
  if (early !== undefined) {
    const earlier = durationText(operation.at - early.since);
    return `Headroom finds the same ${earlier} earlier, at ${isoOf(early.since)}, and nothing on record says why Azure waited`;
  }
  if (then === undefined) return 'nothing is known of the count or the metrics then';
  const { outcome, reason, capacity } = then;
  if (outcome === 'Hold') return `Headroom holds: ${reason}${listed(then.rules)}`;
  const way = outcome === directionOf(operation) ? '' : ', the other way';
  return `Headroom goes to ${capacity.after ?? '?'}${way}: ${reason}${listed(then.rules)}`;
}

function listed(rules: readonly RuleReport[]): string {
  return rules.length === 0 ? '' : `; ${rules.map(ruleText).join(', ')}`;
}

function ruleText({ metric, observed, operator, threshold, reading, cooldownLeftMs }: RuleReport) {
  const value = observed === undefined ? reading.kind : String(Math.round(observed * 100) / 100);
  const cooling = cooldownLeftMs > 0 ? `, ${durationText(cooldownLeftMs)} of cooldown left` : '';
  return `${metric} ${value} (${operatorSigns[operator]} ${threshold}${cooling})`;
}
