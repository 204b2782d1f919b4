import { expect, test } from '@jest/globals';
import { ianaZone, windowsZones } from './time-zone-name.ts';

test.each([
  ['W. Europe Standard Time', 'Europe/Berlin'],
  ['w. europe standard time', 'Europe/Berlin'],
  ['UTC', 'Etc/UTC'],
  ['Coordinated Universal Time', 'Etc/UTC'],
  ['Cape Verde Standard Time', 'Atlantic/Cape_Verde'],
  ['Cabo Verde Standard Time', 'Atlantic/Cape_Verde'],
  ['Jerusalem Standard Time', 'Asia/Jerusalem'],
  ['Malay Peninsula Standard Time', 'Asia/Singapore'],
  ['West Bank Gaza Standard Time', 'Asia/Hebron'],
  ['Russia TZ 1 Standard Time', 'Europe/Kaliningrad'],
  ['Russia TZ 2 Standard Time', 'Europe/Moscow'],
  ['Russia TZ 3 Standard Time', 'Europe/Samara'],
  ['Russia TZ 4 Standard Time', 'Asia/Yekaterinburg'],
  ['Russia TZ 5 Standard Time', 'Asia/Novosibirsk'],
  ['Russia TZ 6 Standard Time', 'Asia/Krasnoyarsk'],
  ['Russia TZ 7 Standard Time', 'Asia/Irkutsk'],
  ['Russia TZ 8 Standard Time', 'Asia/Yakutsk'],
  ['Russia TZ 9 Standard Time', 'Asia/Vladivostok'],
  ['Russia TZ 10 Standard Time', 'Asia/Srednekolymsk'],
  ['Russia TZ 11 Standard Time', 'Asia/Kamchatka'],
  ['Mid-Atlantic Standard Time', 'Etc/GMT+2'],
  ['Kamchatka Standard Time', 'Asia/Kamchatka'],
  ['Europe/Berlin', 'Europe/Berlin'],
  ['europe/BERLIN', 'Europe/Berlin'],
  ['US/Pacific', 'America/Los_Angeles'],
])('%s is %s', (name, iana) => {
  expect(ianaZone(name)).toEqual({ ok: true, value: iana });
});

test.each([
  ['W. Europ Standard Time', 'W. Europe Standard Time'],
  ['Europe/Berln', 'Europe/Berlin'],
  ['Pacific Daylight Time', 'Pacific Standard Time'],
])('%s is no zone; near is %s', (name, near) => {
  expect(ianaZone(name)).toEqual({ ok: false, error: expect.stringContaining(near) });
});

test.each([
  ['nothing', ''],
  ['an offset', '+05:00'],
  ['a long text', 'x'.repeat(100_000)],
])('%s is no zone', (_, name) => {
  expect(ianaZone(name).ok).toBe(false);
});

test('every Windows id names a zone that the runtime has', () => {
  expect(windowsZones.size).toBeGreaterThan(135);
  for (const name of windowsZones.values()) {
    expect(() => new Intl.DateTimeFormat('en-US', { timeZone: name })).not.toThrow();
  }
});
