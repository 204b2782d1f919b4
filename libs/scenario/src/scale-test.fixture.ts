import {
  defaultPolicy,
  defaultRateLimitPolicy,
  defaultRule,
  failed,
  minuteMs,
  ok,
  targetId,
} from '@headroom/core';
import type {
  AiAccount,
  AutoscaleSetting,
  Policy,
  Problem,
  RateLimitPolicy,
  Result,
  Rule,
} from '@headroom/core';
import { formatScaleTest } from './format-scale-test.ts';
import type { ScaleTestDocument } from './document.ts';
import { parseScaleTests } from './parse-scale-tests.ts';
import type { ParsedScaleTests, ScaleTestReaders } from './parse-scale-tests.ts';
import { runScaleTest } from './run-scale-test.ts';
import type { ScaleTestResult } from './run-scale-test.ts';
import type { SettingTest } from './scale-test.ts';

export const target = targetId('/subscriptions/s/resourcegroups/g/providers/p/t/blue');

/** CPU above 75 scales out by 2, below 30 in by 1; five minutes of window, cooldown and grain 1. */
export const setting: AutoscaleSetting = {
  name: 'cpu',
  enabled: true,
  target,
  profiles: [
    {
      name: 'default',
      capacity: { minimum: 1, maximum: 10, default: 2 },
      rules: [rule('GreaterThan', 75, 'Increase', 2), rule('LessThan', 30, 'Decrease', 1)],
    },
  ],
};

function rule(
  operator: Rule['trigger']['operator'],
  threshold: number,
  direction: Rule['action']['direction'],
  value: number,
): Rule {
  return {
    trigger: {
      metricName: 'Cpu',
      resource: target,
      timeGrainMs: minuteMs,
      statistic: 'Average',
      timeWindowMs: 5 * minuteMs,
      timeAggregation: 'Average',
      operator,
      threshold,
      dimensions: [],
      dividePerInstance: false,
    },
    action: { direction, type: 'ChangeCount', value, cooldownMs: 5 * minuteMs },
  };
}

/** Ten calls a second of every kind, under autoscale. */
export const account: AiAccount = {
  id: targetId(
    '/subscriptions/s/resourcegroups/g/providers/microsoft.cognitiveservices/accounts/vision',
  ),
  ...{ name: 'vision', kind: 'ComputerVision', sku: 'S1', dynamicThrottlingEnabled: true },
  capabilities: ['DynamicThrottling'],
  rules: [defaultRule],
};

/** Stand-ins for the contracts of settings and policies: what they refuse, they name as those do. */
export const readers: ScaleTestReaders = {
  setting: (document) =>
    JSON.stringify(document).includes('cpu')
      ? ok(setting)
      : refused('properties.profiles[0].name', 'empty: give the name of the profile'),
  policy: (document) =>
    JSON.stringify(document).includes('cooldwn')
      ? refused('cooldwnFrom', 'unknown option')
      : ok({ ...defaultPolicy, ...(document as Partial<Policy>) }),
  account: (document) =>
    typeof document === 'object' && document !== null && 'sku' in document
      ? ok({ ...account, ...(document as Partial<AiAccount>) })
      : refused('sku', 'expected the tier: {"name": "S1"}'),
  limitPolicy: (document) =>
    JSON.stringify(document).includes('pacce')
      ? refused('pacce', 'unknown option')
      : ok({ ...defaultRateLimitPolicy, ...(document as Partial<RateLimitPolicy>) }),
  file: (path) => {
    if (path === './vision.json') return { sku: 'S1' };
    if (path === './cpu.json') return { name: 'cpu' };
    throw new Error(`${path} cannot be read: no such file`);
  },
};

function refused(field: string, message: string): Result<never, readonly Problem[]> {
  return failed([{ field, message }]);
}

export function parse(text: string): ParsedScaleTests {
  return parseScaleTests(text, 'cpu.yaml', readers);
}

/** The one test of a document that can be read. */
export function testOf(document: Partial<ScaleTestDocument>): SettingTest {
  const expecting = (document.expect ?? []).length === 0 ? { decisions: [] } : {};
  const whole = { setting: './cpu.json', capacity: 2, ...expecting, ...document };
  const { tests, problems } = parse(formatScaleTest(whole));
  const [test] = tests;
  if (test?.kind !== 'setting') throw new Error(JSON.stringify(problems));
  return test;
}

export function run(document: Partial<ScaleTestDocument>): ScaleTestResult {
  return runScaleTest(testOf(document));
}
