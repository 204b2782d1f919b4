import { describe, expect, test } from '@jest/globals';
import type { Schedule } from '@headroom/core';
import { armProfile, armSetting, withSchedule } from './arm.fixture.ts';
import { parseAutoscaleSetting } from './parse.ts';

function scheduleOf(document: unknown): Schedule | undefined {
  const parsed = parseAutoscaleSetting(document);
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.error));
  return parsed.value.profiles[0]!.schedule;
}

const schedule = { timeZone: 'Pacific Standard Time', days: ['Monday'], hours: [9], minutes: [30] };
const weekly = (members: Readonly<Record<string, unknown>>) =>
  withSchedule({ recurrence: { frequency: 'Week', schedule: { ...schedule, ...members } } });
const once = (members: Readonly<Record<string, unknown>>) =>
  withSchedule({
    fixedDate: { start: '2026-12-24T00:00:00', end: '2026-12-27T00:00:00', ...members },
  });
const at = 'properties.profiles[0]';
const christmas = Date.UTC(2026, 11, 24);

describe('a fixed date', () => {
  test.each<[string, Readonly<Record<string, unknown>>, Partial<Schedule>]>([
    ['has the digits of its zone', { timeZone: 'Tokyo Standard Time' }, { timeZone: 'Asia/Tokyo' }],
    ['is in UTC without a zone', {}, { timeZone: 'Etc/UTC' }],
    ['and with null', { timeZone: null }, { timeZone: 'Etc/UTC' }],
    [
      'passes Z over',
      { start: '2026-12-24T00:00:00Z', timeZone: 'UTC' },
      { start: christmas as never },
    ],
    ['and any offset', { start: '2026-12-24T00:00:00-08:00' }, { start: christmas as never }],
    [
      'may have fractions',
      { start: '2026-12-24T00:00:00.500' },
      { start: (christmas + 500) as never },
    ],
    ['or no seconds', { start: '2026-12-24T00:00' }, { start: christmas as never }],
  ])('%s', (_, members, expected) => {
    expect(scheduleOf(once(members))).toMatchObject({ kind: 'fixedDate', ...expected });
  });

  test.each<[string, Readonly<Record<string, unknown>>, RegExp]>([
    ['start', { start: '2026-02-30T00:00:00' }, /date and time/],
    ['start', { start: '2026-12-24' }, /date and time/],
    ['start', { start: undefined }, /date and time/],
    ['end', { end: '2026-12-24T00:00:00' }, /not after the start/],
    ['end', { end: '2026-12-23T00:00:00' }, /not after the start/],
    ['timeZone', { timeZone: 'Pacific Time' }, /nearest are .*Pacific Standard Time/],
  ])('has a wrong %s', (field, members, message) => {
    expect(parseAutoscaleSetting(once(members))).toEqual({
      ok: false,
      error: [{ field: `${at}.fixedDate.${field}`, message: expect.stringMatching(message) }],
    });
  });

  test('golden 55: may not span 366 days', () => {
    const spanning = (end: string) =>
      parseAutoscaleSetting(once({ start: '2026-01-01T00:00:00', end }));
    expect(spanning('2027-01-01T00:00:00').ok).toBe(true);
    expect(spanning('2027-01-02T00:00:00')).toMatchObject({
      error: [
        { field: `${at}.fixedDate.end`, message: expect.stringContaining("can't exceed 365 days") },
      ],
    });
  });
});

describe('a recurrence', () => {
  test.each<[string, Readonly<Record<string, unknown>>, Partial<Schedule>]>([
    [
      'starts at a time of each of its days',
      { days: ['Monday', 'sunday', 'FRIDAY', 'Monday'] },
      { kind: 'recurrence', timeZone: 'America/Los_Angeles', days: [1, 0, 5], hour: 9, minute: 30 },
    ],
    ["may number its days, as an example of Azure's does", { days: ['1', 6] }, { days: [1, 6] }],
    ['may write numbers as text', { hours: ['23'], minutes: ['59'] }, { hour: 23, minute: 59 }],
    ['may name an IANA zone', { timeZone: 'Europe/Berlin' }, { timeZone: 'Europe/Berlin' }],
  ])('%s', (_, members, expected) => {
    expect(scheduleOf(weekly(members))).toMatchObject(expected);
  });

  test.each<[string, Readonly<Record<string, unknown>>, RegExp]>([
    ['days', { days: [] }, /name the days/],
    ['days[1]', { days: ['Monday', 'Tues'] }, /Sunday to Saturday/],
    ['days[0]', { days: ['7'] }, /Sunday to Saturday/],
    ['hours[0]', { hours: [24] }, /0 to 23/],
    ['minutes[0]', { minutes: [60] }, /0 to 59/],
    ['minutes[0]', { minutes: ['half'] }, /whole number/],
    ['hours', { hours: 9 }, /list/],
    ['hours', { hours: [] }, /Specify only one value for hours/],
    ['timeZone', { timeZone: undefined }, /time zone/],
    ['timeZone', { timeZone: 'Mars/Olympus' }, /nearest are/],
  ])('has wrong %s', (field, members, message) => {
    expect(parseAutoscaleSetting(weekly(members))).toEqual({
      ok: false,
      error: [
        expect.objectContaining({
          field: `${at}.recurrence.schedule.${field}`,
          message: expect.stringMatching(message),
        }),
      ],
    });
  });

  test('golden 56: more than one minute is refused in the words of Azure', () => {
    expect(parseAutoscaleSetting(weekly({ minutes: [0, 15, 30, 45] }))).toEqual({
      ok: false,
      error: [
        {
          field: `${at}.recurrence.schedule.minutes`,
          code: 'BadRequest',
          message:
            'The autoscale setting that you provided has an invalid recurrence schedule with invalid count ' +
            'for minutes specified. Specify only one value for minutes.',
        },
      ],
    });
  });

  test.each(['Day', 'Month', 'week', undefined])(
    'golden 57: its frequency is not %s',
    (frequency) => {
      const document = withSchedule({ recurrence: { frequency, schedule } });
      expect(parseAutoscaleSetting(document)).toEqual({
        ok: false,
        error: [{ field: `${at}.recurrence.frequency`, message: 'This value must be Week' }],
      });
    },
  );
});

test('a profile has one schedule at most', () => {
  const fixedDate = { start: '2026-12-24T00:00:00', end: '2026-12-27T00:00:00' };
  const document = withSchedule({ fixedDate, recurrence: { frequency: 'Week', schedule } });
  expect(parseAutoscaleSetting(document)).toMatchObject({
    error: [{ field: `${at}.recurrence`, message: expect.stringContaining('exclude each other') }],
  });
});

test('a schedule that cannot be read is no second default profile', () => {
  for (const wrong of [{ fixedDate: {} }, { recurrence: {} }]) {
    const parsed = parseAutoscaleSetting(withSchedule(wrong));
    const fields = parsed.ok ? [] : parsed.error.map(({ field }) => field);
    expect(fields).not.toContain('properties.profiles[1]');
    expect(fields.length).toBeGreaterThan(0);
  }
});

test.each(['{"name":"default","for":"Nights"}', '{"name": "default", "for": "Nights"}'])(
  'a copy of the default profile is an ordinary recurring one: %s',
  (name) => {
    const copy = { ...armProfile, name, recurrence: { frequency: 'Week', schedule } };
    const parsed = parseAutoscaleSetting(armSetting([copy, armProfile]));
    expect(parsed).toMatchObject({
      value: { profiles: [{ name, schedule: { kind: 'recurrence' } }, { name: 'default' }] },
    });
  },
);
