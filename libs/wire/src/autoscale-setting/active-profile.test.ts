import { describe, expect, test } from '@jest/globals';
import { readActiveProfile } from './active-profile.ts';

const resource = '/subscriptions/s/resourceGroups/g/providers/P.Q/r/Blue';
const trigger = {
  Name: 'CpuUtilizationPercentage',
  Namespace: '',
  Resource: resource,
  ResourceLocation: null,
  TimeGrain: 'PT1M',
  Statistic: 'Average',
  TimeWindow: 'PT10M',
  TimeAggregation: 'Average',
  Operator: 'GreaterThan',
  Threshold: 70,
  Source: resource,
  MetricType: 'MDM',
  Dimensions: [{ DimensionName: 'deployment', Operator: 'Equals', Values: ['blue'] }],
  DividePerInstance: true,
};
const action = { Direction: 'Increase', Type: 'ChangeCount', Value: '2', Cooldown: 'PT5M' };
const profile = {
  Name: 'day',
  Capacity: { Minimum: '1', Maximum: '9', Default: '2' },
  Rules: [{ MetricTrigger: trigger, ScaleAction: action }],
};

describe('the profile in force, as entries of the activity log tell it', () => {
  test('is read as what Resource Manager holds of it is', () => {
    expect(readActiveProfile(JSON.stringify(profile))).toEqual({
      name: 'day',
      capacity: { minimum: 1, maximum: 9, default: 2 },
      rules: [
        {
          trigger: {
            metricName: 'CpuUtilizationPercentage',
            resource: resource.toLowerCase(),
            ...{ timeGrainMs: 60_000, statistic: 'Average' },
            ...{ timeWindowMs: 600_000, timeAggregation: 'Average' },
            ...{ operator: 'GreaterThan', threshold: 70 },
            dimensions: [{ name: 'deployment', operator: 'Equals', values: ['blue'] }],
            dividePerInstance: true,
          },
          action: { direction: 'Increase', type: 'ChangeCount', value: 2, cooldownMs: 300_000 },
        },
      ],
    });
  });

  test.each([
    ['no JSON', '{'],
    ['no object', '[]'],
    ['no rules', JSON.stringify({ ...profile, Rules: undefined })],
    ['rules that are none', JSON.stringify({ ...profile, Rules: [1] })],
    ['no bounds', JSON.stringify({ ...profile, Capacity: null })],
  ])('%s: nothing is known of it', (_, text) => {
    expect(readActiveProfile(text)).toBeUndefined();
  });
});
