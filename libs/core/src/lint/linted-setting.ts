import type {
  AutoscaleSetting,
  CapacityLimits,
  Profile,
  Rule,
} from '../setting/autoscale-setting.ts';
import { ladderOf } from '../setting/capacity-ladder.ts';
import { metricKey } from '../setting/metric-keys.ts';
import type { Policy } from '../setting/policy.ts';
import { operatorSigns } from '../decision/scale-out.ts';
import type { LintOptions } from './finding.ts';

/** A setting as the checks look at it. */
export interface LintedSetting {
  readonly setting: AutoscaleSetting;
  readonly policy: Policy;
  readonly options: LintOptions;
  readonly profiles: readonly LintedProfile[];
}

export interface LintedProfile {
  readonly setting: AutoscaleSetting;
  readonly policy: Policy;
  readonly options: LintOptions;
  readonly profile: Profile;
  readonly index: number;
  readonly limits: CapacityLimits;
  /** The counts that the target takes, ascending; `undefined`: every one. */
  readonly ladder: readonly number[] | undefined;
  /** `properties.profiles[0]`. */
  readonly field: string;
  readonly rules: readonly LintedRule[];
  /** Rules that may raise, and that may lower: `ExactCount` without a direction may do both. */
  readonly outRules: readonly LintedRule[];
  readonly inRules: readonly LintedRule[];
}

export interface LintedRule {
  readonly rule: Rule;
  readonly index: number;
  /** `properties.profiles[0].rules[1]`. */
  readonly field: string;
  /** Metric and resource. */
  readonly metricKey: string;
  /** What the rule reads: rules of one key see one load, though their windows may differ. */
  readonly loadKey: string;
  /** How it reads that: rules of one key have the same reading always. */
  readonly readingKey: string;
  /** `CpuUtilizationPercentage > 70`. */
  readonly text: string;
}

export function lintedSetting(
  setting: AutoscaleSetting,
  policy: Policy,
  options: LintOptions,
): LintedSetting {
  const profiles = setting.profiles.map((profile, index) => {
    const field = `properties.profiles[${index}]`;
    const rules = profile.rules.map((rule, place) => lintedRule(rule, place, field));
    const limits = profile.capacity;
    return {
      setting,
      policy,
      options,
      profile,
      index,
      limits,
      ladder: ladderOf(policy, setting.target),
      field,
      rules,
      outRules: rules.filter(({ rule }) => mayRaise(rule, limits)),
      inRules: rules.filter(({ rule }) => mayLower(rule, limits)),
    };
  });
  return { setting, policy, options, profiles };
}

function lintedRule(rule: Rule, index: number, profileField: string): LintedRule {
  const { trigger } = rule;
  const { metricName, resource, operator, threshold } = trigger;
  const key = metricKey(resource, metricName);
  const loadKey = `${key}\n${JSON.stringify(trigger.dimensions).toLowerCase()}`;
  const { timeGrainMs, statistic, timeWindowMs, timeAggregation, dividePerInstance } = trigger;
  const how = [timeGrainMs, statistic, timeWindowMs, timeAggregation, dividePerInstance].join(' ');
  return {
    rule,
    index,
    field: `${profileField}.rules[${index}]`,
    metricKey: key,
    loadKey,
    readingKey: `${loadKey}\n${how}`,
    text: `${metricName} ${operatorSigns[operator]} ${threshold}`,
  };
}

function mayRaise({ action }: Rule, limits: CapacityLimits): boolean {
  if (action.direction === 'None') return action.value > limits.minimum;
  return action.direction === 'Increase';
}

function mayLower({ action }: Rule, limits: CapacityLimits): boolean {
  if (action.direction === 'None') return action.value < limits.maximum;
  return action.direction === 'Decrease';
}
