/** An ARM autoscale setting to be changed by a test: one default profile with one rule. */
export interface ArmDocument {
  readonly [name: string]: unknown;
  readonly properties: ArmProperties;
}
export type ArmProperties = Readonly<Record<string, unknown>> & {
  readonly profiles: readonly ArmProfile[];
};
export type ArmProfile = Readonly<Record<string, unknown>>;

const target = '/subscriptions/s/resourceGroups/g/providers/p/deployments/blue';

export const armTrigger = {
  metricName: 'CpuUtilizationPercentage',
  metricResourceUri: target,
  timeGrain: 'PT1M',
  statistic: 'Average',
  timeWindow: 'PT5M',
  timeAggregation: 'Average',
  operator: 'GreaterThan',
  threshold: 70,
};
export const armAction = {
  direction: 'Increase',
  type: 'ChangeCount',
  value: '1',
  cooldown: 'PT5M',
};
export const armRule = { metricTrigger: armTrigger, scaleAction: armAction };
export const armProfile = {
  name: 'default',
  capacity: { minimum: '1', maximum: '10', default: '1' },
  rules: [armRule],
};

export function armSetting(
  profiles: readonly ArmProfile[] = [armProfile],
  properties: Readonly<Record<string, unknown>> = {},
): ArmDocument {
  return {
    location: 'westeurope',
    properties: { enabled: true, targetResourceUri: target, profiles, ...properties },
  };
}

/** The setting with its one rule changed. */
export function withRule(
  trigger: Readonly<Record<string, unknown>>,
  action: Readonly<Record<string, unknown>> = {},
  capacity: Readonly<Record<string, unknown>> = {},
): ArmDocument {
  const rule = {
    metricTrigger: { ...armTrigger, ...trigger },
    scaleAction: { ...armAction, ...action },
  };
  const bounds = { ...armProfile.capacity, ...capacity };
  return armSetting([{ ...armProfile, capacity: bounds, rules: [rule] }]);
}

/** The default profile, and one with this schedule before it. */
export function withSchedule(schedule: Readonly<Record<string, unknown>>): ArmDocument {
  return armSetting([{ ...armProfile, name: 'scheduled', ...schedule }, armProfile]);
}
