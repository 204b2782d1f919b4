import { defaultPolicy, minuteMs, targetId } from '@headroom/core';
import type { MetricTrigger, Rule, SettingVersion } from '@headroom/core';

export const subscription = '/subscriptions/s1/resourcegroups/g/providers';
export const deploymentType =
  'microsoft.machinelearningservices/workspaces/onlineendpoints/deployments';

/** The id of an ML deployment. */
export function deployment(name: string, scope = subscription): string {
  const ml = `${scope}/microsoft.machinelearningservices/workspaces/w`;
  return `${ml}/onlineendpoints/${name}/deployments/blue`;
}

/** `cpu`, by default of the target over five minutes. */
export function askedRule(metricName: string, over: Partial<MetricTrigger> = {}): Rule {
  return {
    trigger: {
      metricName,
      resource: '',
      timeGrainMs: minuteMs,
      statistic: 'Average',
      timeWindowMs: 5 * minuteMs,
      timeAggregation: 'Average',
      operator: 'GreaterThan',
      threshold: 70,
      dimensions: [],
      dividePerInstance: false,
      ...over,
    },
    action: { direction: 'Increase', type: 'ChangeCount', value: 1, cooldownMs: minuteMs },
  };
}

export function askedVersion(
  resource: string,
  rules: readonly Rule[],
  version = 1,
): SettingVersion {
  const target = targetId(resource);
  const capacity = { minimum: 1, maximum: 10, default: 1 };
  const own = rules.map(({ trigger, action }): Rule => {
    const { resource: named } = trigger;
    return { action, trigger: { ...trigger, resource: named === '' ? resource : named } };
  });
  const setting = {
    ...{ name: resource, enabled: true, target },
    profiles: [{ name: 'default', capacity, rules: own }],
  };
  const content = { kind: 'setting', setting, policy: defaultPolicy, overrides: [] } as const;
  return { target, id: resource, version, content };
}

export function deletedVersion(resource: string, version: number): SettingVersion {
  return { target: targetId(resource), id: resource, version, content: { kind: 'tombstone' } };
}
