import type { ArmProfile, ArmRule, ArmTrigger } from './arm-setting.ts';

/** A trigger of one minute's grain that averages, unless told otherwise. */
export interface TriggerChoice extends Partial<ArmTrigger> {
  readonly metricName: string;
  readonly metricResourceUri: string;
}

export interface RuleChoice {
  readonly when: TriggerChoice;
  /** `> 70` or `< 30`. */
  readonly test: readonly [operator: '>' | '<' | '>=' | '<=', threshold: number];
  /** `+1`, `-25%`, `+=6` (scale out to 6), `-=2` (scale in to 2). */
  readonly change: string;
  readonly cooldown?: string;
}

const operators = {
  '>': 'GreaterThan',
  '<': 'LessThan',
  '>=': 'GreaterThanOrEqual',
  '<=': 'LessThanOrEqual',
} as const;

export function rule({ when, test, change, cooldown = 'PT5M' }: RuleChoice): ArmRule {
  const [, sign, exact, value = '1', percent] = /^([+-])(=?)(\d+)(%?)$/.exec(change) ?? [];
  const counted = percent === '%' ? 'PercentChangeCount' : 'ChangeCount';
  return {
    metricTrigger: {
      timeGrain: 'PT1M',
      statistic: 'Average',
      timeWindow: 'PT5M',
      timeAggregation: 'Average',
      ...when,
      operator: operators[test[0]],
      threshold: test[1],
    },
    scaleAction: {
      direction: sign === '+' ? 'Increase' : 'Decrease',
      type: exact === '=' ? 'ExactCount' : counted,
      value,
      cooldown,
    },
  };
}

export function profile(
  name: string,
  [minimum, maximum, fallback]: readonly [number, number, number],
  rules: readonly ArmRule[],
  schedule: Pick<ArmProfile, 'fixedDate' | 'recurrence'> = {},
): ArmProfile {
  const capacity = {
    minimum: String(minimum),
    maximum: String(maximum),
    default: String(fallback),
  };
  return { name, capacity, rules, ...schedule };
}

/** Begins on each of the days; the next one that begins ends it. */
export function weekly(
  timeZone: string,
  days: readonly string[],
  hour: number,
  minute = 0,
): Pick<ArmProfile, 'recurrence'> {
  const schedule = { timeZone, days, hours: [hour] as const, minutes: [minute] as const };
  return { recurrence: { frequency: 'Week', schedule } };
}

/** How the portal names the end of a recurring profile: a copy of the default one whose name is JSON. */
export function endOf(recurring: string, fallback: string): string {
  return JSON.stringify({ name: fallback, for: recurring });
}
