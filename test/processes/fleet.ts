import { targetId } from '@headroom/core';
import type { TargetId } from '@headroom/core';

const group =
  '/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/fleet/providers' +
  '/Microsoft.MachineLearningServices/workspaces/fleet/onlineEndpoints';

export function targetOf(index: number): TargetId {
  return targetId(`${group}/endpoint-${index}/deployments/blue`);
}

const onCpu = ['CpuUtilizationPercentage'] as const;

/** One out rule and one in rule on each metric over one minute, as `headroom apply` takes it. */
export function armSetting(
  index: number,
  minimum = '1',
  metrics: readonly string[] = onCpu,
): object {
  const target = targetOf(index);
  const trigger = {
    metricResourceUri: target,
    timeGrain: 'PT1M',
    statistic: 'Average',
    timeWindow: 'PT1M',
    timeAggregation: 'Average',
  };
  const rule = (metricName: string, operator: string, threshold: number, direction: string) => ({
    metricTrigger: { metricName, ...trigger, operator, threshold },
    scaleAction: { direction, type: 'ChangeCount', value: '1', cooldown: 'PT1M' },
  });
  const rules = metrics.flatMap((metric) => [
    rule(metric, 'GreaterThan', 70, 'Increase'),
    rule(metric, 'LessThan', 10, 'Decrease'),
  ]);
  const capacity = { minimum, maximum: '10', default: minimum };
  return {
    location: 'westeurope',
    properties: {
      name: `setting-${index}`,
      enabled: true,
      targetResourceUri: target,
      profiles: [{ name: 'default', capacity, rules }],
    },
  };
}

/** A record of Azure's diagnostic form, 5 seconds long, that ends now. */
export function record(resource: string, metric: string, value: number, endsAtMs: number): object {
  return {
    count: 1,
    total: value,
    minimum: value,
    maximum: value,
    average: value,
    resourceId: resource.toUpperCase(),
    time: new Date(endsAtMs - 5_000).toISOString().replace('Z', '0000Z'),
    metricName: metric,
    timeGrain: 'PT5S',
  };
}

export function body(records: readonly object[]): Uint8Array {
  return Buffer.from(JSON.stringify({ records }));
}
