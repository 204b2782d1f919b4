import { describe, expect, test } from '@jest/globals';
import { activeProfile, hourMs, instant, targetId, TimeZones } from '@headroom/core';
import type { AutoscaleSetting, LocalTime, Profile, Schedule, Weekday } from '@headroom/core';
import { parseAutoscaleSetting, windowsZones } from '@headroom/wire';
import fc from 'fast-check';
import { profileAt } from '../reference/profile.ts';
import { instantOf } from '../reference/zone.ts';
import { changesOf, offsetOf, startsAround } from './clock-changes.ts';
import type { ClockChange } from './clock-changes.ts';
import { agreeOn } from './zone-disagreements.ts';

// The engine asks the runtime about zones; what is expected here comes from moment-timezone's own data.

const dayMs = 24 * hourMs;
const ianaZones = Intl.supportedValuesOf('timeZone');
const allZones = [...new Set([...ianaZones, ...windowsZones.values()])];
const changes = allZones.flatMap(changesOf).filter(({ zone, at }) => agreeOn(zone, at));
const zones = new TimeZones();
const capacity = { minimum: 1, maximum: 2, default: 1 };

function profile(name: string, schedule?: Schedule): Profile {
  return { name, capacity, rules: [], ...(schedule === undefined ? {} : { schedule }) };
}

function settingOf(...profiles: readonly Profile[]): AutoscaleSetting {
  return { name: 's', enabled: true, target: targetId('/t'), profiles };
}

/** Every week at the day and time of `local`. */
function weeklyAt(timeZone: string, local: number): Schedule {
  const date = new Date(local);
  const days = [date.getUTCDay() as Weekday];
  const [hour, minute] = [date.getUTCHours(), date.getUTCMinutes()];
  return { kind: 'recurrence', timeZone, days, hour, minute };
}

function onceAt(timeZone: string, start: number, end: number): Schedule {
  return { kind: 'fixedDate', timeZone, start: start as LocalTime, end: end as LocalTime };
}

function found(setting: AutoscaleSetting, at: number) {
  const active = activeProfile(setting, instant(at), zones);
  return { at, name: active?.profile.name, until: active?.until };
}

/** Where something might go wrong: the start, the change, the end of the time that is skipped or repeated. */
function instantsAround({ at, before, after }: ClockChange, start: number): readonly number[] {
  return [start - 1, start, at - 1, at, at + Math.abs(after - before)];
}

/** For what hangs: it takes a few seconds where nobody else is at work. */
const patienceMs = 120_000;

test('there are changes to look at', () => {
  expect(ianaZones.length).toBeGreaterThan(400);
  expect(windowsZones.size).toBeGreaterThan(135);
  expect(changes.length).toBeGreaterThan(4000);
  expect(changes.some(({ after, before }) => after - before === hourMs / 2)).toBe(true);
});

test(
  'the clocks of every zone show the same, every other week of 2020 to 2035',
  () => {
    const wrong: string[] = [];
    for (const name of allZones) {
      const zone = zones.of(name);
      for (let at = Date.UTC(2020); at < Date.UTC(2036); at += 14 * dayMs) {
        const offsetMs = zone.localTimeAt(instant(at)) - at;
        if (offsetMs === offsetOf(name, at) || !agreeOn(name, at)) continue;
        wrong.push(`${name} at ${new Date(at).toISOString()}`);
      }
    }
    expect(wrong).toEqual([]);
  },
  patienceMs,
);

describe('every zone and every change of its clocks from 2020 to 2035', () => {
  test(
    'a weekly profile starts at the first instant that shows its time, or after the gap',
    () => {
      for (const change of changes) {
        for (const local of startsAround(change)) {
          const { zone } = change;
          const begin = instantOf(local, zone);
          const next = instantOf(local + 4 * dayMs, zone);
          const setting = settingOf(
            profile('other', weeklyAt(zone, local - 3 * dayMs)),
            profile('this', weeklyAt(zone, local)),
            profile('default'),
          );
          for (const at of instantsAround(change, begin)) {
            const expected =
              at < begin ? { at, name: 'other', until: begin } : { at, name: 'this', until: next };
            const active = found(setting, at);
            if (active.name !== expected.name || active.until !== expected.until) {
              expect([change, local, active]).toEqual([change, local, expected]);
            }
          }
        }
      }
    },
    patienceMs,
  );

  test(
    'a fixed date begins and ends so, too',
    () => {
      for (const change of changes) {
        for (const local of startsAround(change)) {
          const { zone } = change;
          const [begin, end] = [instantOf(local, zone), instantOf(local + dayMs, zone)];
          const setting = settingOf(
            profile('starts', onceAt(zone, local, local + dayMs)),
            profile('ends', onceAt(zone, local - dayMs, local)),
          );
          for (const at of [...instantsAround(change, begin), end - 1, end]) {
            const expected =
              at >= end
                ? { at, name: undefined, until: undefined }
                : at >= begin
                  ? { at, name: 'starts', until: end }
                  : { at, name: 'ends', until: begin };
            const active = found(setting, at);
            if (active.name !== expected.name || active.until !== expected.until) {
              expect([change, local, active]).toEqual([change, local, expected]);
            }
          }
        }
      }
    },
    patienceMs,
  );
});

test('every Windows zone of a document is one of those, and starts its profiles there', () => {
  for (const [id, zone] of windowsZones) {
    const capacity = { minimum: '1', maximum: '2', default: '1' };
    const schedule = { timeZone: id, days: ['Sunday'], hours: ['2'], minutes: ['30'] };
    const recurrence = { frequency: 'Week', schedule };
    const parsed = parseAutoscaleSetting({
      properties: {
        targetResourceUri: '/t',
        profiles: [
          { name: 'weekly', capacity, rules: [], recurrence },
          { name: 'default', capacity, rules: [] },
        ],
      },
    });
    if (!parsed.ok) throw new Error(JSON.stringify(parsed.error));
    expect(parsed.value.profiles[0]!.schedule).toMatchObject({ timeZone: zone });
    expect(allZones).toContain(zone);
    const sundays = [Date.UTC(2026, 2, 29, 2, 30), Date.UTC(2026, 9, 25, 2, 30)];
    for (const local of sundays) {
      const begin = instantOf(local, zone);
      expect([id, found(parsed.value, begin - 1).until]).toEqual([id, begin]);
    }
  }
});

const someChange = fc.constantFrom(...changes);
const localAround = fc.integer({ min: -5 * 24 * 60, max: 5 * 24 * 60 });
const someSchedule = (change: ClockChange): fc.Arbitrary<Schedule> => {
  const near = localAround.map((minutes) => change.after + minutes * 60_000);
  const weekly = fc
    .tuple(near, fc.uniqueArray(fc.integer({ min: 0, max: 6 }), { minLength: 1 }))
    .map(([local, days]) => ({ ...weeklyAt(change.zone, local), days: days as Weekday[] }));
  const once = fc
    .tuple(near, fc.integer({ min: 1, max: 3 * 24 * 60 }))
    .map(([local, minutes]) => onceAt(change.zone, local, local + minutes * 60_000));
  return fc.oneof({ weight: 3, arbitrary: weekly }, once);
};

test('any schedules around any change: the profile and its end are those of the reference', () => {
  const some = someChange.chain((change) =>
    fc.record({
      change: fc.constant(change),
      schedules: fc.array(someSchedule(change), { minLength: 1, maxLength: 6 }),
      minutes: fc.integer({ min: -3 * 24 * 60, max: 3 * 24 * 60 }),
    }),
  );
  fc.assert(
    fc.property(some, ({ change, schedules, minutes }) => {
      const scheduled = schedules.map((schedule, index) => profile(`p${index}`, schedule));
      const setting = settingOf(...scheduled, profile('default'));
      const at = change.at + minutes * 60_000;
      const active = found(setting, at);
      expect(active.name).toBe(profileAt(setting, at)?.name);
      if (active.until === undefined) return;
      // Until then nothing else applies, whenever one looks.
      expect(active.until).toBeGreaterThan(at);
      for (const share of [0.3, 0.7, 1]) {
        const later = at + Math.floor((active.until - 1 - at) * share);
        expect(profileAt(setting, later)?.name).toBe(active.name);
      }
    }),
    { numRuns: 300 },
  );
});
