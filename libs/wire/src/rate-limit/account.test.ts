import { describe, expect, test } from '@jest/globals';
import { defaultRule, tpsOf } from '@headroom/core';
import type { AiAccount, Problem } from '@headroom/core';
import { parseAccount, readAccount } from './account.ts';

const id =
  '/subscriptions/S/resourceGroups/rg/providers/Microsoft.CognitiveServices/accounts/Vision';

/** As ARM shows one: counts with a fraction, members that are null, and many that decide nothing. */
const vision = {
  id,
  name: 'Vision',
  type: 'Microsoft.CognitiveServices/accounts',
  kind: 'ComputerVision',
  location: 'westeurope',
  sku: { name: 'S1' },
  etag: '"a"',
  properties: {
    endpoint: 'https://vision.example/',
    provisioningState: 'Succeeded',
    quotaLimit: null,
    dynamicThrottlingEnabled: null,
    capabilities: [{ name: 'DynamicThrottling', value: null }, { name: 'Container' }],
    callRateLimit: {
      count: null,
      renewalPeriod: null,
      rules: [
        {
          key: 'vision.read',
          count: 12.0,
          renewalPeriod: 1.0,
          minCount: null,
          dynamicThrottlingEnabled: true,
          matchPatterns: [{ method: 'POST', path: 'vision/read/*' }],
        },
        { key: 'billing', count: 400, renewalPeriod: 10, dynamicThrottlingEnabled: null },
      ],
    },
  },
};
type Properties = Record<string, unknown>;
const having = (properties: Properties) => ({
  ...vision,
  properties: { ...vision.properties, ...properties },
});

describe('an account is read as ARM shows it', () => {
  test('its limits, what may be raised, and the switch: null is off', () => {
    const account = valueOf(vision);
    expect(account).toMatchObject({
      ...{ id: id.toLowerCase(), name: 'Vision', kind: 'ComputerVision', sku: 'S1' },
      dynamicThrottlingEnabled: false,
      capabilities: ['DynamicThrottling', 'Container'],
    });
    expect(account.rules.map(tpsOf)).toEqual([12, 40]);
    expect(account.rules.map((rule) => rule.dynamicThrottlingEnabled)).toEqual([true, false]);
  });

  // Case 26.
  test.each([
    [null, false],
    [false, false],
    [undefined, false],
    [true, true],
  ])('the switch, %s', (dynamicThrottlingEnabled, isOn) => {
    // As it comes from a file: what is undefined is absent.
    const document: unknown = JSON.parse(JSON.stringify(having({ dynamicThrottlingEnabled })));
    expect(valueOf(document).dynamicThrottlingEnabled).toBe(isOn);
  });

  test.each([
    [null, [defaultRule]],
    [{ rules: [] }, [defaultRule]],
    [
      { rules: null, count: 90, renewalPeriod: 60 },
      [{ ...defaultRule, count: 90, renewalPeriodMs: 60_000 }],
    ],
    [{ count: 25 }, [{ ...defaultRule, count: 25, renewalPeriodMs: 1000 }]],
  ])('callRateLimit %j', (callRateLimit, rules) => {
    expect(valueOf(having({ callRateLimit })).rules).toEqual(rules);
  });
});

describe('what is wrong with it is named with its place', () => {
  const rule = vision.properties.callRateLimit.rules[0];
  const rules = (...all: readonly unknown[]) => having({ callRateLimit: { rules: all } });
  test.each([
    [
      { ...vision, id: '/subscriptions/S/accounts/x' },
      'id',
      'Microsoft.CognitiveServices/accounts',
    ],
    [{ ...vision, sku: 'S1' }, 'sku', '{"name": "S1"}'],
    [{ ...vision, kind: undefined }, 'kind', 'ComputerVision'],
    [
      having({ dynamicThrottlingEnabled: 'true' }),
      'properties.dynamicThrottlingEnabled',
      'true, false or null',
    ],
    [rules({ ...rule, count: '12' }), 'properties.callRateLimit.rules[0].count', 'expected calls'],
    [
      rules({ ...rule, renewalPeriod: 0 }),
      'properties.callRateLimit.rules[0].renewalPeriod',
      'more than 0',
    ],
    [rules(rule, { ...rule, key: 'Vision.READ' }), 'properties.callRateLimit.rules', 'of one key'],
  ])('%#: %s', (document, field, message) => {
    expect(problemsOf(document)).toEqual([{ field, message: expect.stringContaining(message) }]);
  });

  test('a member that is spelt almost like one that is not there', () => {
    const document = { ...vision, properties: { dynamicThrotlingEnabled: true } };
    expect(problemsOf(document)).toEqual([
      {
        field: 'properties.dynamicThrotlingEnabled',
        message: 'Azure knows no such member: write dynamicThrottlingEnabled',
      },
    ]);
  });
});

test('a stored account is read in any case, and what is misspelt in it is passed over', () => {
  const { sku, kind, properties } = vision;
  const { callRateLimit } = properties;
  const stored = readAccount({
    ...{ ID: id, SKU: sku, Kind: kind },
    Properties: { DynamicThrottlingEnabled: true, dynamicThrotlingEnabled: 7, callRateLimit },
  });
  expect(stored).toMatchObject({ ok: true, value: { dynamicThrottlingEnabled: true } });
});

function valueOf(document: unknown): AiAccount {
  const parsed = parseAccount(document);
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.error));
  return parsed.value;
}

function problemsOf(document: unknown): readonly Problem[] {
  const parsed = parseAccount(document);
  return parsed.ok ? [] : parsed.error;
}
