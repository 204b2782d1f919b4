import { describe, expect, test } from '@jest/globals';
import { hourMs, instant, isoOf } from '../lang/instant.ts';
import type { Instant } from '../lang/instant.ts';
import { targetId } from '../lang/target.ts';
import { activeProfile } from './active-profile.ts';
import type { AutoscaleSetting, Profile } from './autoscale-setting.ts';
import type { LocalTime, Schedule, Weekday } from './schedule.ts';
import { TimeZones } from './time-zone.ts';

const capacity = { minimum: 1, maximum: 10, default: 1 };
const zones = new TimeZones();

function profile(name: string, schedule?: Schedule): Profile {
  return { name, capacity, rules: [], ...(schedule === undefined ? {} : { schedule }) };
}

/** `times('2026-12-24T00:00')` as a wall clock shows them. */
function local(time: string): LocalTime {
  return Date.parse(`${time}Z`) as LocalTime;
}

function once(timeZone: string, start: string, end: string): Schedule {
  return { kind: 'fixedDate', timeZone, start: local(start), end: local(end) };
}

const names = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];

/** `weekly('UTC', 'Mon Tue 09:30')` */
function weekly(timeZone: string, text: string): Schedule {
  const words = text.split(' ');
  const [hour = 0, minute = 0] = (words.at(-1) ?? '').split(':').map(Number);
  const days = words.slice(0, -1).map((day) => names.indexOf(day) as Weekday);
  return { kind: 'recurrence', timeZone, days, hour, minute };
}

function settingOf(...profiles: readonly Profile[]): AutoscaleSetting {
  return { name: 's', enabled: true, target: targetId('/t'), profiles };
}

const at = (time: string): Instant => instant(Date.parse(time));

/** `name until ISO`, or `none`. */
function found(setting: AutoscaleSetting, time: string): string {
  const active = activeProfile(setting, at(time), zones);
  if (active === undefined) return 'none';
  expect(setting.profiles[active.index]).toBe(active.profile);
  const until = active.until === undefined ? 'for ever' : isoOf(active.until).slice(0, 16);
  return `${active.profile.name} until ${until}`;
}

type Rows = readonly (readonly [time: string, expected: string])[];

describe('golden 44: fixed date, then recurring, then default', () => {
  const everyday = profile('everyday');
  const mondays = profile('mondays', weekly('UTC', 'Mon 00:00'));
  const sale = profile('sale', once('UTC', '2026-11-23T08:00', '2026-11-23T20:00'));
  const both = profile('both', once('UTC', '2026-11-23T08:00', '2026-11-24T00:00'));

  test.each<[string, readonly Profile[], Rows]>([
    ['the default alone', [everyday], [['2026-11-23T12:00Z', 'everyday until for ever']]],
    [
      'a fixed date, whatever its place',
      [everyday, mondays, sale],
      [
        ['2026-11-23T07:59Z', 'mondays until 2026-11-23T08:00'],
        ['2026-11-23T08:00Z', 'sale until 2026-11-23T20:00'],
        ['2026-11-23T20:00Z', 'mondays until 2026-11-30T00:00'],
      ],
    ],
    [
      'of two fixed dates the first of the array',
      [both, sale, everyday],
      [
        ['2026-11-23T07:00Z', 'everyday until 2026-11-23T08:00'],
        ['2026-11-23T12:00Z', 'both until 2026-11-23T20:00'],
        ['2026-11-24T00:00Z', 'everyday until for ever'],
      ],
    ],
    [
      'with a recurring one never the default',
      [everyday, mondays],
      [['2026-11-29T12:00Z', 'mondays until 2026-11-30T00:00']],
    ],
    [
      'fixed dates alone, and none at other times',
      [sale],
      [
        ['2026-11-23T07:00Z', 'none'],
        ['2026-11-23T08:00Z', 'sale until 2026-11-23T20:00'],
        ['2026-11-23T20:00Z', 'none'],
      ],
    ],
  ])('%s', (_, profiles, rows) => {
    for (const [time, expected] of rows) {
      expect([time, found(settingOf(...profiles), time)]).toEqual([time, expected]);
    }
  });
});

test('golden 54: a fixed date runs once, in its zone, then the default', () => {
  const schedule = once('America/Los_Angeles', '2017-12-26T00:00', '2017-12-26T23:59');
  const setting = settingOf(profile('boxing', schedule), profile('default'));
  expect(found(setting, '2017-12-26T07:59Z')).toBe('default until 2017-12-26T08:00');
  expect(found(setting, '2017-12-26T08:00Z')).toBe('boxing until 2017-12-27T07:59');
  expect(found(setting, '2017-12-27T07:59Z')).toBe('default until for ever');
});

describe('recurring profiles', () => {
  const day = profile('day', weekly('Europe/Berlin', 'Mon Tue Wed Thu Fri 08:00'));
  const night = profile('night', weekly('Europe/Berlin', 'Mon Tue Wed Thu Fri 18:30'));

  test('each runs until the next start, over the weekend and into the next week', () => {
    const setting = settingOf(day, night);
    const rows: Rows = [
      ['2026-11-23T06:59Z', 'night until 2026-11-23T07:00'],
      ['2026-11-23T07:00Z', 'day until 2026-11-23T17:30'],
      ['2026-11-23T17:30Z', 'night until 2026-11-24T07:00'],
      ['2026-11-28T12:00Z', 'night until 2026-11-30T07:00'],
    ];
    for (const [time, expected] of rows) expect(found(setting, time)).toBe(expected);
  });

  test('a copy of the default is one of them, under its own name', () => {
    const name = '{"name":"default","for":"day"}';
    const copy = profile(name, weekly('Europe/Berlin', 'Mon Tue Wed Thu Fri 18:30'));
    const setting = settingOf(day, copy, profile('default'));
    expect(found(setting, '2026-11-23T20:00Z')).toBe(`${name} until 2026-11-24T07:00`);
  });

  test('of starts at one instant the later local time, then the first of the array', () => {
    const berlin = profile('berlin', weekly('Europe/Berlin', 'Mon 08:00'));
    const london = profile('london', weekly('Europe/London', 'Mon 07:00'));
    const again = profile('again', weekly('Europe/Berlin', 'Mon 08:00'));
    const time = '2026-11-23T07:00Z';
    expect(found(settingOf(london, berlin, again), time)).toMatch(/^berlin /);
    expect(found(settingOf(again, london, berlin), time)).toMatch(/^again /);
  });

  test('without a day never start', () => {
    expect(found(settingOf(profile('never', weekly('UTC', '08:00'))), '2026-11-23T07:00Z')).toBe(
      'none',
    );
  });

  test('in a zone that the runtime does not know fail', () => {
    const setting = settingOf(profile('mars', weekly('Mars/Olympus', 'Mon 08:00')));
    expect(() => activeProfile(setting, at('2026-11-23T07:00Z'))).toThrow(RangeError);
  });
});

// In 2026 New York's clocks go from 02:00 to 03:00 on March 8 (07:00Z), and from 02:00 back to 01:00 on November 1
// (06:00Z).
describe('golden 59: clocks that change', () => {
  const other = profile('other', weekly('America/New_York', 'Sat 12:00'));
  const sunday = (time: string) => profile('sunday', weekly('America/New_York', `Sun ${time}`));

  test.each<[string, string, string]>([
    ['before the gap', '01:59', '2026-03-08T06:59'],
    ['at its begin: at its end', '02:00', '2026-03-08T07:00'],
    ['in the gap: at its end', '02:30', '2026-03-08T07:00'],
    ['at its end', '03:00', '2026-03-08T07:00'],
    ['before the hour that comes twice', '00:59', '2026-11-01T04:59'],
    ['at its begin: the first time', '01:00', '2026-11-01T05:00'],
    ['in it: the first time', '01:30', '2026-11-01T05:30'],
    ['at its end', '02:00', '2026-11-01T07:00'],
  ])('a start %s', (_, time, start) => {
    const setting = settingOf(other, sunday(time));
    const begin = at(`${start}Z`);
    const names = [begin - 1, begin, begin + hourMs, begin + 2 * hourMs].map(
      (now) => activeProfile(setting, instant(now), zones)?.profile.name,
    );
    expect(names).toEqual(['other', 'sunday', 'sunday', 'sunday']);
    expect(activeProfile(setting, instant(begin - 1), zones)?.until).toBe(begin);
  });

  test('of two starts in one gap the later local time', () => {
    const early = profile('early', weekly('America/New_York', 'Sun 02:15'));
    const late = profile('late', weekly('America/New_York', 'Sun 02:45'));
    expect(found(settingOf(late, early), '2026-03-08T07:00Z')).toMatch(/^late /);
    expect(found(settingOf(late, early), '2026-03-15T06:20Z')).toMatch(/^early /);
  });

  test('a fixed date ends the first time that its end comes, and not again', () => {
    const schedule = once('America/New_York', '2026-11-01T00:30', '2026-11-01T01:30');
    const setting = settingOf(profile('sale', schedule), profile('default'));
    expect(found(setting, '2026-11-01T05:29Z')).toBe('sale until 2026-11-01T05:30');
    expect(found(setting, '2026-11-01T05:30Z')).toBe('default until for ever');
    expect(found(setting, '2026-11-01T06:10Z')).toBe('default until for ever');
  });

  test('a fixed date within a gap never runs', () => {
    const schedule = once('America/New_York', '2026-03-08T02:10', '2026-03-08T02:50');
    const setting = settingOf(profile('gone', schedule), profile('default'));
    expect(found(setting, '2026-03-08T06:59Z')).toBe('default until for ever');
    expect(found(setting, '2026-03-08T07:00Z')).toBe('default until for ever');
  });

  test('a day that an island skipped starts with the day after it', () => {
    // Samoa went from December 29 to 31, 2011, at 10:00Z.
    const setting = settingOf(
      profile('thursday', weekly('Pacific/Apia', 'Thu 12:00')),
      profile('friday', weekly('Pacific/Apia', 'Fri 08:00')),
    );
    expect(found(setting, '2011-12-30T09:59Z')).toBe('thursday until 2011-12-30T10:00');
    expect(found(setting, '2011-12-30T10:00Z')).toBe('friday until 2012-01-04T22:00');
  });

  test('clocks that go back over midnight do not start the day twice', () => {
    // St. John's went from 00:01 on November 7, 2010, back to 23:01 on the 6th, at 02:31Z.
    const setting = settingOf(
      profile('saturday', weekly('America/St_Johns', 'Sat 12:00')),
      profile('sunday', weekly('America/St_Johns', 'Sun 00:00')),
    );
    const rows: Rows = [
      ['2010-11-07T02:29Z', 'saturday until 2010-11-07T02:30'],
      ['2010-11-07T02:30Z', 'sunday until 2010-11-13T15:30'],
      ['2010-11-07T02:31Z', 'sunday until 2010-11-13T15:30'],
      ['2010-11-07T03:31Z', 'sunday until 2010-11-13T15:30'],
    ];
    for (const [time, expected] of rows) expect(found(setting, time)).toBe(expected);
  });
});

test('zones that remember and fresh ones agree', () => {
  const setting = settingOf(
    profile('a', weekly('Africa/Casablanca', 'Mon Wed Sun 02:30')),
    profile('b', weekly('Australia/Lord_Howe', 'Tue Sun 01:45')),
  );
  for (let hour = 0; hour < 24 * 90; hour += 7) {
    const now = instant(Date.UTC(2026, 1, 1) + hour * hourMs);
    expect(activeProfile(setting, now, zones)).toEqual(activeProfile(setting, now));
  }
});
