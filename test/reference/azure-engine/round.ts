import type { ArmAction, ArmProfile, ArmRule } from './arm-setting.ts';
import { durationMs } from './arm-setting.ts';

/** What one round of the engine has before it. */
export interface Situation {
  readonly now: number;
  readonly profile: ArmProfile;
  readonly capacity: number;
  readonly lastAction: LastAction | undefined;
  readonly habits: Habits;
  /** Before it is divided by instances; undefined where it cannot be read. */
  readonly read: (rule: ArmRule) => number | undefined;
}

/** What Microsoft's pages leave open, or tell in two ways. */
export interface Habits {
  /**
   * Whose cooldown counts from the last action: each rule's own, as "Get started" says, or that of the rule that fired last,
   * as "Understand autoscale settings" does.
   */
  readonly cooldownOf: 'candidate' | 'lastFired';
  /** Whether it counts from the begin of the operation or from its end. */
  readonly cooldownFrom: 'begin' | 'end';
  /** Whether an operation that failed counts at all. */
  readonly failureCools: boolean;
  /** Where a percentage is no whole number of instances; one at least. */
  readonly percent: 'down' | 'up';
}

export const usualHabits: Habits = {
  cooldownOf: 'candidate',
  cooldownFrom: 'begin',
  failureCools: true,
  percent: 'down',
};

export interface LastAction {
  readonly at: number;
  /** Absent of an action that no rule asked for. */
  readonly cooldownMs?: number;
}

export type Verdict =
  | {
      readonly kind: 'scale';
      readonly to: number;
      readonly why: 'bounds' | 'default' | 'out' | 'in';
      readonly cooldownMs?: number;
      /** Where the count was changed to avoid flapping: what the rules asked for. */
      readonly intended?: number;
    }
  | { readonly kind: 'flapping'; readonly intended: number }
  | { readonly kind: 'none'; readonly unreadable: boolean };

interface Candidate {
  readonly to: number;
  readonly cooldownMs: number;
}

/**
 * One round, in the order that Microsoft's pages give: bounds, metrics, scale-out by any rule, default where metrics are missing,
 * scale-in by all rules, flapping.
 */
export function decideRound(situation: Situation): Verdict {
  const { profile, capacity } = situation;
  const { minimum, maximum, fallback } = boundsOf(profile);
  if (capacity < minimum) return { kind: 'scale', to: minimum, why: 'bounds' };
  if (capacity > maximum) return { kind: 'scale', to: maximum, why: 'bounds' };
  const outRules = profile.rules.filter(({ scaleAction }) => scaleAction.direction === 'Increase');
  const inRules = profile.rules.filter(({ scaleAction }) => scaleAction.direction === 'Decrease');
  const unreadable = profile.rules.some((rule) => situation.read(rule) === undefined);
  const firedOut = outRules.filter((rule) => fires(rule, observedOf(rule, situation)));
  if (firedOut.length > 0) return scaledOut(firedOut, situation);
  if (unreadable && capacity < fallback) {
    return { kind: 'scale', to: Math.min(fallback, maximum), why: 'default' };
  }
  const allFire = inRules.every((rule) => fires(rule, observedOf(rule, situation)));
  if (unreadable || inRules.length === 0 || !allFire) return { kind: 'none', unreadable };
  return scaledIn(inRules, outRules, situation);
}

export function boundsOf({ capacity }: ArmProfile) {
  const { minimum, maximum } = capacity;
  return {
    minimum: Number(minimum),
    maximum: Number(maximum),
    fallback: Number(capacity.default),
  };
}

/** Any rule: the highest of their results. No check for flapping on the way out. */
function scaledOut(fired: readonly ArmRule[], situation: Situation): Verdict {
  const { capacity, profile } = situation;
  const { maximum } = boundsOf(profile);
  const best = eligible(fired, situation).reduce<Candidate | undefined>(
    (a, b) => (a === undefined || b.to > a.to ? b : a),
    undefined,
  );
  const to = Math.min(best?.to ?? capacity, maximum);
  if (best === undefined || to <= capacity) return { kind: 'none', unreadable: false };
  return { kind: 'scale', to, why: 'out', cooldownMs: best.cooldownMs };
}

/** All rules, each past its cooldown: the highest remaining count, raised until no scale-out rule would fire at it. */
function scaledIn(
  inRules: readonly ArmRule[],
  outRules: readonly ArmRule[],
  situation: Situation,
): Verdict {
  const { capacity, profile } = situation;
  const { minimum } = boundsOf(profile);
  const candidates = eligible(inRules, situation);
  if (candidates.length < inRules.length) return { kind: 'none', unreadable: false };
  const best = candidates.reduce((a, b) => (b.to > a.to ? b : a));
  const intended = Math.max(best.to, minimum);
  if (intended >= capacity) return { kind: 'none', unreadable: false };
  const flaps = (count: number): boolean =>
    outRules.some((rule) => fires(rule, projected(rule, situation, count)));
  for (let to = intended; to < capacity; to++) {
    if (flaps(to)) continue;
    const changed = to === intended ? {} : { intended };
    return { kind: 'scale', to, why: 'in', cooldownMs: best.cooldownMs, ...changed };
  }
  return { kind: 'flapping', intended };
}

/** What the load would show at another count. */
function projected(rule: ArmRule, situation: Situation, count: number): number | undefined {
  const observed = observedOf(rule, situation);
  if (observed === undefined) return undefined;
  return count === 0 ? Infinity : (observed * situation.capacity) / count;
}

function eligible(rules: readonly ArmRule[], situation: Situation): readonly Candidate[] {
  const { now, lastAction, habits, capacity } = situation;
  return rules.flatMap(({ scaleAction }) => {
    const own = durationMs(scaleAction.cooldown);
    const last = habits.cooldownOf === 'lastFired' ? lastAction?.cooldownMs : undefined;
    const isCooling = lastAction !== undefined && now < lastAction.at + (last ?? own);
    return isCooling ? [] : [{ to: resultOf(scaleAction, capacity, habits), cooldownMs: own }];
  });
}

function resultOf(
  { direction, type, value }: ArmAction,
  capacity: number,
  { percent }: Habits,
): number {
  const amount = Number(value);
  if (type === 'ExactCount') return amount;
  const share = (capacity * amount) / 100;
  const whole = Math.max(1, percent === 'down' ? Math.floor(share) : Math.ceil(share));
  const step = type === 'ChangeCount' ? amount : whole;
  return direction === 'Increase' ? capacity + step : capacity - step;
}

/** Queue lengths are counted by instance though no rule says so. */
export function observedOf(rule: ArmRule, { read, capacity }: Situation): number | undefined {
  const value = read(rule);
  const { metricName, metricResourceUri, dividePerInstance } = rule.metricTrigger;
  const isQueue =
    metricName === 'ActiveMessageCount' && metricResourceUri.includes('Microsoft.ServiceBus');
  if (value === undefined || (dividePerInstance !== true && !isQueue)) return value;
  return capacity === 0 ? undefined : value / capacity;
}

function fires({ metricTrigger }: ArmRule, value: number | undefined): boolean {
  if (value === undefined) return false;
  const { operator, threshold } = metricTrigger;
  switch (operator) {
    case 'Equals':
      return value === threshold;
    case 'NotEquals':
      return value !== threshold;
    case 'GreaterThan':
      return value > threshold;
    case 'GreaterThanOrEqual':
      return value >= threshold;
    case 'LessThan':
      return value < threshold;
    case 'LessThanOrEqual':
      return value <= threshold;
  }
}
