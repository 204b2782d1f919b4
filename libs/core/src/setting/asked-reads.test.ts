import { expect, test } from '@jest/globals';
import { rule, setting, target } from '../decision/decide.fixture.ts';
import { minuteMs } from '../lang/instant.ts';
import { askedReads } from './asked-reads.ts';

const byDimension = (name: string) => ({
  dimensions: [{ name, operator: 'Equals', values: ['blue'] } as const],
});
const endpoint = '/subscriptions/s/resourcegroups/g/providers/microsoft.x/workspaces/w/endpoints/e';

test('rules on one metric are one read: the finest grain, the longest window', () => {
  const rules = [
    rule('Cpu > 70 out 1', { timeGrainMs: 5 * minuteMs, timeWindowMs: 30 * minuteMs }),
    rule('cpu < 30 in 1', { timeGrainMs: minuteMs, timeWindowMs: 10 * minuteMs }),
  ];
  expect(askedReads(setting(rules))).toEqual([
    {
      resource: target,
      namespace: 'x/deployments',
      metric: 'Cpu',
      grainMs: minuteMs,
      windowMs: 30 * minuteMs,
      split: [],
    },
  ]);
});

test('it is split by every dimension that one of the rules filters by, whatever its case', () => {
  const rules = [
    rule('Rpm > 70 out 1', byDimension('deployment')),
    rule('Rpm > 90 out 2', byDimension('Deployment')),
    rule('Rpm > 95 out 2', byDimension('statusCode')),
    rule('Rpm < 30 in 1'),
  ];
  const splits = askedReads(setting(rules)).map(({ split }) => split);
  expect(splits).toEqual([['deployment', 'statusCode']]);
});

test('another resource, another metric or another namespace is another read', () => {
  const rules = [
    rule('Rpm > 70 out 1', { resource: endpoint }),
    rule('Rpm > 70 out 1', {
      resource: endpoint,
      metricNamespace: 'MICROSOFT.X/workspaces/endpoints',
    }),
    rule('Rpm > 70 out 1', { resource: endpoint, metricNamespace: 'Azure.ApplicationInsights' }),
    rule('Latency > 70 out 1', { resource: endpoint }),
    rule('Rpm > 70 out 1'),
  ];
  const names = askedReads(setting(rules)).map((read) => [read.namespace, read.metric]);
  expect(names).toEqual([
    ['microsoft.x/workspaces/endpoints', 'Rpm'],
    ['Azure.ApplicationInsights', 'Rpm'],
    ['microsoft.x/workspaces/endpoints', 'Latency'],
    ['x/deployments', 'Rpm'],
  ]);
});

test('rules of every profile are read', () => {
  const [profile] = setting([rule('Cpu > 70 out 1')]).profiles;
  const other = { ...profile!, name: 'night', rules: [rule('Queue > 5 out 1')] };
  const both = { ...setting([]), profiles: [profile!, other] };
  expect(askedReads(both).map(({ metric }) => metric)).toEqual(['Cpu', 'Queue']);
});
