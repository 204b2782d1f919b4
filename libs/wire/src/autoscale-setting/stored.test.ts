import { expect, test } from '@jest/globals';
import { armProfile, armRule, armSetting, withRule, withSchedule } from './arm.fixture.ts';
import { decodeSettingContent } from '../setting-content.ts';
import { parseAutoscaleSetting, readAutoscaleSetting } from './parse.ts';

const schedule = { timeZone: 'UTC', days: ['Monday'], hours: [9], minutes: [30] };
const plain = readAutoscaleSetting(armSetting());

/** What Azure may have stored, and what it means. */
const stored: readonly (readonly [string, unknown, unknown])[] = [
  [
    'members in any case',
    JSON.parse(
      JSON.stringify(armSetting())
        .replaceAll('timeWindow', 'TIMEWINDOW')
        .replaceAll('profiles', 'Profiles'),
    ),
    {},
  ],
  [
    'values in any case',
    withRule(
      { statistic: 'average', operator: 'greaterthan' },
      { direction: 'increase', type: 'changecount' },
    ),
    {},
  ],
  [
    '1h5m as the command line wrote it',
    withRule({ timeWindow: 'PT5M1H' }),
    { timeWindowMs: 3_900_000 },
  ],
  ['a percentile', withRule({ statistic: 'Percentile99th' }), { statistic: 'Max' }],
  [
    'retired flags',
    armSetting([armProfile], {
      notifications: [{ operation: 'Scale', email: { sendToSubscriptionAdministrator: true } }],
    }),
    {},
  ],
];

test.each(stored)('%s', (_, document, trigger) => {
  if (!plain.ok) throw new Error(JSON.stringify(plain.error));
  const [profile] = plain.value.profiles;
  const [rule] = profile!.rules;
  const expected = {
    ...plain.value,
    profiles: [
      { ...profile, rules: [{ ...rule, trigger: { ...rule!.trigger, ...(trigger as object) } }] },
    ],
  };
  expect(readAutoscaleSetting(document)).toMatchObject({ ok: true, value: expected });
  expect(parseAutoscaleSetting(document).ok).toBe(false);
});

test('what no command line wrote is not looked at closely: a long text would take for ever', () => {
  const timeWindow = `PT5M${'0'.repeat(64)}1H`;
  expect(readAutoscaleSetting(withRule({ timeWindow }))).toMatchObject({
    error: [{ field: expect.stringMatching(/timeWindow$/) }],
  });
});

test('2d as the command line wrote it, in any case', () => {
  const document = withRule({}, { cooldown: 'P2DT' });
  expect(readAutoscaleSetting(document)).toMatchObject({
    value: { profiles: [{ rules: [{ action: { cooldownMs: 172_800_000 } }] }] },
  });
});

test('a weekly frequency in any case', () => {
  const document = withSchedule({ recurrence: { frequency: 'week', schedule } });
  expect(readAutoscaleSetting(document).ok).toBe(true);
});

test('a percentile is told; one below the middle means something else', () => {
  expect(readAutoscaleSetting(withRule({ statistic: 'Percentile95' }))).toMatchObject({
    warnings: [{ message: expect.stringContaining('read as Max') }],
  });
  expect(readAutoscaleSetting(withRule({ statistic: 'Percentile05' })).ok).toBe(false);
});

test('a change that the bounds never allow blinds no target', () => {
  expect(readAutoscaleSetting(withRule({}, { value: '100' })).ok).toBe(true);
});

test('what means nothing is not read', () => {
  for (const document of [
    undefined,
    [],
    {},
    withRule({ timeWindow: 'PTM' }),
    withRule({ operator: 'About' }),
    withRule({}, {}, { minimum: 9, maximum: 1 }),
    armSetting([{ ...armProfile, rules: [{ ...armRule, metricTrigger: 7 }] }]),
  ]) {
    expect(readAutoscaleSetting(document).ok).toBe(false);
  }
});

test("a store's document is read so too, with its overrides", () => {
  const term = { at: '2026-11-22T10:00:00.000Z', until: '2026-11-22T11:00:00.000Z' };
  const override = { kind: 'pause', ...term, owner: 'ops', reason: 'drill' };
  const document = withRule({ operator: 'greaterthan' });
  expect(decodeSettingContent(document, undefined, [override])).toMatchObject({
    kind: 'setting',
    overrides: [{ kind: 'pause', at: Date.UTC(2026, 10, 22, 10) }],
  });
});
