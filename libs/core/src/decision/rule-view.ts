import { never } from '../lang/assert.ts';
import type { Millis } from '../lang/instant.ts';
import type { Reading } from '../evaluation/reading.ts';
import type { CapacityLimits, Operator, Rule } from '../setting/autoscale-setting.ts';
import { ladderOf, nextAllowed } from '../setting/capacity-ladder.ts';
import { dividesPerInstance } from '../setting/per-instance.ts';
import { missingDataOf } from '../setting/policy.ts';
import type { MissingDataPolicy } from '../setting/policy.ts';
import { cooldownLeftMs } from './cooldown.ts';
import type { DecideInput } from './decide-input.ts';
import type { Direction, RuleReport } from './decision.ts';

/** Step 5: a rule, its reading, whether it fires, what it asks for and how long it still cools. */
export class RuleView {
  readonly rule: Rule;
  readonly index: number;
  readonly direction: Direction;
  readonly reading: Reading;
  readonly missing: MissingDataPolicy;
  readonly observed: number | undefined;
  readonly fired: boolean;
  readonly proposed: number | undefined;
  readonly cooldownLeftMs: Millis;
  projected: number | undefined;

  constructor(
    rule: Rule,
    index: number,
    limits: CapacityLimits,
    profile: string,
    input: DecideInput,
    current: number,
  ) {
    this.rule = rule;
    this.index = index;
    this.direction = directionOf(rule, current);
    this.missing = missingDataOf(input.policy, profile, index, this.direction);
    const ttlMs = this.missing.kind === 'lastGood' ? this.missing.ttlMs : 0;
    this.reading = input.read(rule, index, ttlMs);
    this.observed = observedValue(rule, this.reading, current);
    this.fired = fires(this);
    this.proposed = this.fired ? countAfter(this, limits, input, current) : undefined;
    this.cooldownLeftMs = cooldownLeftMs(rule, input);
    this.projected = undefined;
  }

  report(): RuleReport {
    const { index, rule, direction, reading, observed, fired, proposed, projected } = this;
    const { metricName, operator, threshold } = rule.trigger;
    return {
      index,
      metric: metricName,
      direction,
      reading,
      ...(observed === undefined ? {} : { observed }),
      operator,
      threshold,
      fired,
      ...(proposed === undefined ? {} : { proposed }),
      cooldownLeftMs: this.cooldownLeftMs,
      ...(projected === undefined ? {} : { projected }),
    };
  }
}

export function readRules(
  { name, rules, capacity }: { name: string; rules: readonly Rule[]; capacity: CapacityLimits },
  input: DecideInput,
  current: number,
): RuleView[] {
  return rules.map((rule, index) => new RuleView(rule, index, capacity, name, input, current));
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
export function directionOf({ action }: Rule, current: number): Direction {
  if (action.direction === 'Increase') return 'out';
  if (action.direction === 'Decrease') return 'in';
  return action.value > current ? 'out' : 'in';
}

/** By its value; an out rule whose metric is missing also where its policy says that absence counts as load. */
function fires({ rule, observed, reading, missing, direction }: RuleView): boolean {
  if (observed !== undefined) {
    return holds(rule.trigger.operator, observed, rule.trigger.threshold);
  }
  return reading.kind === 'missing' && missing.kind === 'failUp' && direction === 'out';
}

/** The count that the rule asks for. Percentages truncate towards zero and move by at least one. */
function countAfter(
  { rule, direction }: RuleView,
  limits: CapacityLimits,
  { policy, setting }: DecideInput,
  current: number,
): number {
  const { type, value } = rule.action;
  const sign = direction === 'out' ? 1 : -1;
  switch (type) {
    case 'ChangeCount':
      return current + sign * value;
    case 'PercentChangeCount':
      return current + sign * Math.max(1, Math.trunc((current * value) / 100));
    case 'ExactCount':
      return value;
    case 'ServiceAllowedNextValue':
      return nextAllowed(ladderOf(policy, setting.target), current, direction, limits);
    default:
      return never(type);
  }
}

function observedValue(rule: Rule, reading: Reading, current: number): number | undefined {
  if (reading.kind !== 'value') return undefined;
  if (!dividesPerInstance(rule.trigger)) return reading.value;
  return current > 0 ? reading.value / current : undefined;
}
