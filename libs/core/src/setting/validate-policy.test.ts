import { expect, test } from '@jest/globals';
import { targetId } from '../lang/target.ts';
import type { AutoscaleSetting, Rule } from './autoscale-setting.ts';
import { defaultPolicy } from './policy.ts';
import type { MissingDataOfRule } from './policy.ts';
import { validatePolicy } from './validate-policy.ts';

const target = targetId('/t');
const ruleOf = (direction: 'Increase' | 'Decrease'): Rule => ({
  trigger: {
    metricName: 'm',
    resource: target,
    timeGrainMs: 60_000,
    statistic: 'Average',
    timeWindowMs: 300_000,
    timeAggregation: 'Average',
    operator: 'GreaterThan',
    threshold: 1,
    dimensions: [],
    dividePerInstance: false,
  },
  action: { direction, type: 'ChangeCount', value: 1, cooldownMs: 60_000 },
});
const capacity = { minimum: 1, maximum: 3, default: 1 };
const setting: AutoscaleSetting = {
  name: 's',
  enabled: true,
  target,
  profiles: [
    { name: 'day', capacity, rules: [ruleOf('Increase'), ruleOf('Decrease')] },
    { name: 'night', capacity, rules: [ruleOf('Increase')] },
  ],
};
const failUp = { kind: 'failUp' } as const;
const hold = { kind: 'hold' } as const;

test.each<[MissingDataOfRule, string | undefined]>([
  [{ rule: 0, use: failUp }, undefined],
  [{ rule: 1, use: hold }, undefined],
  [{ profile: 'day', rule: 1, use: hold }, undefined],
  [{ profile: 'day', rule: 1, use: failUp }, 'use'],
  [{ rule: 1, use: failUp }, 'use'],
  [{ profile: 'night', rule: 1, use: hold }, 'rule'],
  [{ rule: 2, use: hold }, 'rule'],
  [{ profile: 'noon', rule: 0, use: hold }, 'profile'],
])('%j: a problem at %s', (choice, member) => {
  const missingData = { ...defaultPolicy.missingData, rules: [choice] };
  const fields = validatePolicy({ ...defaultPolicy, missingData }, setting).map(
    ({ field }) => field,
  );
  expect(fields).toEqual(member === undefined ? [] : [`missingData.rules[0].${member}`]);
});
