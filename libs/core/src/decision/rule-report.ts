import { never } from '../lang/assert.ts';
import type { Instant } from '../lang/instant.ts';
import type { Reading } from '../evaluation/reading.ts';
import type { Operator, Profile, Rule } from '../setting/autoscale-setting.ts';
import type { RuleReport, TargetState } from './decision.ts';

/** What reading the rules needs of `decide`'s input. */
export interface RuleInput {
  readonly read: (rule: Rule, index: number) => Reading;
  readonly state: TargetState;
  readonly now: Instant;
}

/** Step 5: each rule's reading, whether it fires, what it asks for and how long it still cools. */
export function readRules(profile: Profile, input: RuleInput, current: number): RuleReport[] {
  return profile.rules.map((rule, index) => {
    const reading = input.read(rule, index);
    const observed = observedValue(rule, reading, current);
    const { metricName, operator, threshold } = rule.trigger;
    const fired = observed !== undefined && holds(operator, observed, threshold);
    return {
      index,
      metric: metricName,
      direction: directionOf(rule, current),
      reading,
      ...(observed === undefined ? {} : { observed }),
      operator,
      threshold,
      fired,
      ...(fired ? { proposed: countAfter(rule, current) } : {}),
      cooldownLeftMs: cooldownLeftMs(rule, input.state, input.now),
    };
  });
}

export function holds(operator: Operator, value: number, threshold: number): boolean {
  switch (operator) {
    case 'GreaterThan':
      return value > threshold;
    case 'GreaterThanOrEqual':
      return value >= threshold;
    case 'LessThan':
      return value < threshold;
    case 'LessThanOrEqual':
      return value <= threshold;
    case 'Equals':
      return value === threshold;
    case 'NotEquals':
      return value !== threshold;
    default:
      return never(operator);
  }
}

/** `ExactCount` without a direction raises from below its count and lowers from above it. */
function directionOf({ action }: Rule, current: number): 'out' | 'in' {
  if (action.direction === 'Increase') return 'out';
  if (action.direction === 'Decrease') return 'in';
  return action.value > current ? 'out' : 'in';
}

/** The count that the rule asks for. Percentages truncate towards zero and move by at least one. */
function countAfter(rule: Rule, current: number): number {
  const { type, value } = rule.action;
  const sign = directionOf(rule, current) === 'out' ? 1 : -1;
  switch (type) {
    case 'ChangeCount':
      return current + sign * value;
    case 'PercentChangeCount':
      return current + sign * Math.max(1, Math.trunc((current * value) / 100));
    case 'ExactCount':
      return value;
    default:
      return never(type);
  }
}

function observedValue(rule: Rule, reading: Reading, current: number): number | undefined {
  if (reading.kind !== 'value') return undefined;
  if (!rule.trigger.dividePerInstance) return reading.value;
  return current > 0 ? reading.value / current : undefined;
}

/** Every rule waits its own cooldown from the last action of either direction. */
function cooldownLeftMs({ action }: Rule, state: TargetState, now: Instant): number {
  if (state.lastActionAt === undefined) return 0;
  return Math.max(0, action.cooldownMs - (now - state.lastActionAt));
}
