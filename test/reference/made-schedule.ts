import type { LocalTime, Schedule, Weekday } from '@headroom/core';
import moment from 'moment-timezone';
import { dayMs, hourMs, minuteMs } from './durations.ts';
import type { Random } from './random.ts';
import { localOf } from './zone.ts';

const zones = [
  'UTC',
  'Europe/Berlin',
  'America/New_York',
  'Australia/Lord_Howe',
  'Australia/Sydney',
  'Asia/Kolkata',
  'Asia/Tokyo',
  'America/St_Johns',
  'Pacific/Chatham',
] as const;

/** When a run begins: often shortly before a clock is changed somewhere. */
export function makeBegin(random: Random): number {
  const any = Date.UTC(2026, random.int(0, 47), random.int(1, 28), random.int(0, 23));
  const untils = moment.tz.zone(random.pick(zones))?.untils ?? [];
  const changes = untils.filter((at) => at > Date.UTC(2026, 0) && at < Date.UTC(2032, 0));
  if (changes.length === 0 || random.chance(0.6)) return any;
  return random.pick(changes) - random.int(0, 3 * 60) * minuteMs;
}

/** One to four profiles' schedules, nearly always with a default one among them; switches lie within the run. */
export function makeSchedules(
  random: Random,
  begin: number,
  spanMs: number,
): readonly (Schedule | undefined)[] {
  if (random.chance(0.4)) return [undefined];
  const schedules: (Schedule | undefined)[] = Array.from({ length: random.int(1, 3) }, () =>
    random.chance(0.5)
      ? makeFixedDate(random, begin, spanMs)
      : makeRecurrence(random, begin, spanMs),
  );
  if (random.chance(0.9)) schedules.splice(random.int(0, schedules.length), 0, undefined);
  return schedules;
}

/** A whole number of minutes on the zone's wall clock, a while before or after the beginning. */
function localNear(random: Random, at: number, timeZone: string): number {
  return Math.round(localOf(at, timeZone) / minuteMs) * minuteMs + random.int(-2, 2) * minuteMs;
}

function makeFixedDate(random: Random, begin: number, spanMs: number): Schedule {
  const timeZone = random.pick(zones);
  const start = localNear(random, begin + (random.next() * 1.5 - 0.5) * spanMs, timeZone);
  const length = random.pick([1, 20, 60, 180]) * minuteMs;
  return {
    kind: 'fixedDate',
    timeZone,
    start: start as LocalTime,
    end: (start + length) as LocalTime,
  };
}

function makeRecurrence(random: Random, begin: number, spanMs: number): Schedule {
  const timeZone = random.pick(zones);
  const near = localNear(random, begin + (random.next() * 1.5 - 0.5) * spanMs, timeZone);
  // Half past and full hours are where clocks are changed.
  const local = random.chance(0.5) ? near : Math.round(near / (hourMs / 2)) * (hourMs / 2);
  const day = new Date(local).getUTCDay();
  const days = new Set(random.chance(0.85) ? [day] : []);
  while (days.size === 0 || random.chance(0.4)) days.add(random.int(0, 6));
  const ofDay = local - Math.floor(local / dayMs) * dayMs;
  return {
    kind: 'recurrence',
    timeZone,
    days: [...days].sort() as Weekday[],
    hour: Math.floor(ofDay / hourMs),
    minute: Math.floor((ofDay % hourMs) / minuteMs),
  };
}
