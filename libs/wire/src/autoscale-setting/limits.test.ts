import { describe, expect, test } from '@jest/globals';
import { armProfile, armRule, armSetting, withRule, withSchedule } from './arm.fixture.ts';
import { parseAutoscaleSetting } from './parse.ts';

const rule = 'properties.profiles[0].rules[0]';

test('golden 39: a change that the bounds never allow is refused in the words of Azure', () => {
  expect(parseAutoscaleSetting(withRule({}, { value: '10' }))).toEqual({
    ok: false,
    error: [
      {
        field: `${rule}.scaleAction.value`,
        code: 'InvalidActionValue',
        message: expect.stringContaining(
          "invalid scale action value ('10'). Specify a scale value less than or equal to the difference " +
            'between the capacity maximum 10 and the capacity minimum 1',
        ),
      },
    ],
  });
});

test('golden 39b: one that they just allow is accepted', () => {
  expect(parseAutoscaleSetting(withRule({}, { value: '9' })).ok).toBe(true);
});

test('golden 40: 100 between 3 and 30 is refused', () => {
  const bounds = { minimum: '3', maximum: '30', default: '3' };
  expect(parseAutoscaleSetting(withRule({}, { value: '100' }, bounds))).toMatchObject({
    error: [{ code: 'InvalidActionValue' }],
  });
});

test.each([
  ['an exact count', { type: 'ExactCount', direction: 'None', value: '40' }],
  ['a percentage', { type: 'PercentChangeCount', value: '50' }],
  ['the next value that the service allows', { type: 'ServiceAllowedNextValue', value: '1' }],
])('%s is no change by a count', (_, action) => {
  expect(parseAutoscaleSetting(withRule({}, action)).ok).toBe(true);
});

test('with equal bounds no rule can act: told, not refused', () => {
  const parsed = parseAutoscaleSetting(withRule({}, {}, { minimum: 2, maximum: 2, default: 2 }));
  expect(parsed).toMatchObject({
    ok: true,
    warnings: [{ message: expect.stringContaining('no rule can ever act') }],
  });
});

test('golden 60: 20 profiles and 10 rules are allowed, and not one more', () => {
  const fixedDate = { start: '2026-12-24T00:00:00', end: '2026-12-27T00:00:00' };
  const profiles = (count: number) =>
    Array.from({ length: count }, (_, index) => ({
      ...armProfile,
      name: `p${index}`,
      ...(index > 0 && { fixedDate }),
    }));
  const rules = (count: number) =>
    armSetting([{ ...armProfile, rules: Array.from({ length: count }, () => armRule) }]);
  expect(parseAutoscaleSetting(armSetting(profiles(20))).ok).toBe(true);
  expect(parseAutoscaleSetting(rules(10)).ok).toBe(true);
  expect(parseAutoscaleSetting(armSetting(profiles(21)))).toMatchObject({
    error: [{ field: 'properties.profiles', message: expect.stringContaining('at most 20') }],
  });
  expect(parseAutoscaleSetting(rules(11))).toMatchObject({
    error: [{ field: 'properties.profiles[0].rules', message: expect.stringContaining('most 10') }],
  });
});

test('one default profile', () => {
  expect(parseAutoscaleSetting(armSetting([armProfile, armProfile]))).toMatchObject({
    error: [
      { field: 'properties.profiles[1]', message: expect.stringContaining('second default') },
    ],
  });
});

test('golden 71: a dimension equals any of its values, or none of them', () => {
  const dimensions = [
    { DimensionName: 'AppName', Operator: 'Equals', Values: ['App1', 'App2'] },
    { DimensionName: 'Deployment', Operator: 'NotEquals', Values: ['green'] },
  ];
  expect(parseAutoscaleSetting(withRule({ dimensions }))).toMatchObject({
    value: {
      profiles: [
        {
          rules: [
            {
              trigger: {
                dimensions: [
                  { name: 'AppName', operator: 'Equals', values: ['App1', 'App2'] },
                  { name: 'Deployment', operator: 'NotEquals', values: ['green'] },
                ],
              },
            },
          ],
        },
      ],
    },
  });
});

test.each(['PT30S', 'P8D'])('golden 78: a cooldown of %s is out of range', (cooldown) => {
  expect(parseAutoscaleSetting(withRule({}, { cooldown }))).toEqual({
    ok: false,
    error: [
      {
        field: `${rule}.scaleAction.cooldown`,
        message: expect.stringContaining('1 minute to 7 days'),
      },
    ],
  });
});

describe('members that decide nothing are checked as Azure checks them', () => {
  const email = (members: object) => [{ operation: 'Scale', email: members }];
  const hook = (serviceUri: unknown) => [{ operation: 'scale', webhooks: [{ serviceUri }] }];

  test.each<[string, Readonly<Record<string, unknown>>]>([
    ['no notification', { notifications: [] }],
    ['addresses', { notifications: email({ customEmails: ['a@example.com'] }) }],
    ['no administrators', { notifications: email({ sendToSubscriptionAdministrator: false }) }],
    ['a hook', { notifications: hook('http://example.com/hook') }],
    ['nothing', { notifications: null, predictiveAutoscalePolicy: null }],
    [
      'predictions',
      { predictiveAutoscalePolicy: { scaleMode: 'Enabled', scaleLookAheadTime: 'PT14M' } },
    ],
  ])('%s', (_, properties) => {
    expect(parseAutoscaleSetting(armSetting([armProfile], properties)).ok).toBe(true);
  });

  test.each<[string, Readonly<Record<string, unknown>>]>([
    ['notifications[0].operation', { notifications: [{ operation: 'Start' }] }],
    [
      'notifications[0].email.sendToSubscriptionAdministrator',
      { notifications: email({ sendToSubscriptionAdministrator: true }) },
    ],
    ['notifications[0].webhooks[0].serviceUri', { notifications: hook('ftp://example.com') }],
    ['notifications[0].webhooks[0].serviceUri', { notifications: hook(undefined) }],
    ['predictiveAutoscalePolicy.scaleMode', { predictiveAutoscalePolicy: {} }],
    [
      'predictiveAutoscalePolicy.scaleLookAheadTime',
      { predictiveAutoscalePolicy: { scaleMode: 'Enabled', scaleLookAheadTime: 'PT2H' } },
    ],
  ])('%s', (field, properties) => {
    const parsed = parseAutoscaleSetting(armSetting([armProfile], properties));
    expect(parsed).toMatchObject({ ok: false, error: [{ field: `properties.${field}` }] });
  });

  test('tags and the type of the resource', () => {
    const tags = (count: number) =>
      Object.fromEntries(Array.from({ length: count }, (_, index) => [`t${index}`, 'x']));
    const parsed = (members: object) => parseAutoscaleSetting({ ...armSetting(), ...members });
    expect(parsed({ tags: tags(15) }).ok).toBe(true);
    expect(parsed({ tags: tags(16) })).toMatchObject({ error: [{ field: 'tags' }] });
    expect(parsed({ type: 'microsoft.insights/autoscalesettings' }).ok).toBe(true);
    expect(parsed({ type: 'Microsoft.Web/sites' })).toMatchObject({ error: [{ field: 'type' }] });
  });
});

describe('a misspelt member is told, since passed over it would change the meaning', () => {
  const trigger = (members: object) =>
    JSON.parse(JSON.stringify(withRule({ timeWindow: undefined, ...members }))) as unknown;

  test.each<[string, string, unknown]>([
    [`${rule}.metricTrigger.timewindow`, 'timeWindow', trigger({ timewindow: 'PT5M' })],
    [
      `${rule}.metricTrigger.dividePerInstances`,
      'dividePerInstance',
      withRule({ dividePerInstances: true }),
    ],
    [
      'properties.profiles[0].fixeddate',
      'fixedDate',
      armSetting([{ ...armProfile, fixeddate: {} }]),
    ],
    ['properties.profiles[0].recurence', 'recurrence', withSchedule({ recurence: {} })],
    [
      'properties.enable',
      'enabled',
      { properties: { ...armSetting().properties, enabled: undefined, enable: false } },
    ],
  ])('%s', (field, meant, document) => {
    const parsed = parseAutoscaleSetting(JSON.parse(JSON.stringify(document)));
    const found = parsed.ok ? [] : parsed.error.filter((problem) => problem.field === field);
    expect(found).toEqual([{ field, message: expect.stringContaining(`write ${meant}`) }]);
  });

  test('in place of what is missing, not beside it', () => {
    const parsed = parseAutoscaleSetting(trigger({ timewindow: 'PT5M' }));
    expect(parsed).toMatchObject({ error: [{ field: `${rule}.metricTrigger.timewindow` }] });
    expect(parsed.ok ? [] : parsed.error).toHaveLength(1);
  });

  test('others are passed over', () => {
    const document = {
      ...armSetting(),
      kind: 'x',
      etag: 'y',
      properties: { ...armSetting().properties, provisioningState: 'z' },
    };
    expect(parseAutoscaleSetting(document).ok).toBe(true);
  });
});

describe('what is right and still worth a word', () => {
  const fixedDate = { start: '2026-12-24T00:00:00+01:00', end: '2026-12-27T00:00:00Z' };
  test.each<[string, unknown]>([
    ['properties.enabled', armSetting([armProfile], { enabled: null })],
    [
      'properties.notifications',
      armSetting([armProfile], { notifications: [{ operation: 'Scale' }] }),
    ],
    [
      'properties.predictiveAutoscalePolicy',
      armSetting([armProfile], { predictiveAutoscalePolicy: { scaleMode: 'Enabled' } }),
    ],
    [
      'properties.profiles',
      armSetting([{ ...armProfile, fixedDate: { ...fixedDate, start: '2026-12-24T00:00:00Z' } }]),
    ],
    [
      'properties.profiles[1].name',
      withSchedule({ name: 'default', fixedDate: { ...fixedDate, start: '2026-12-24T00:00:00Z' } }),
    ],
    ['properties.profiles[0].fixedDate.start', withSchedule({ fixedDate })],
  ])('%s', (field, document) => {
    expect(parseAutoscaleSetting(document)).toMatchObject({ ok: true, warnings: [{ field }] });
  });
});
