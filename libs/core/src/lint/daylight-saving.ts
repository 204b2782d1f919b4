import { after, hourMs, minuteMs } from '../lang/instant.ts';
import type { Instant, Millis } from '../lang/instant.ts';
import { weekdayOf } from '../setting/schedule.ts';
import type { LocalTime, Recurrence, Schedule } from '../setting/schedule.ts';
import { TimeZones } from '../setting/time-zone.ts';
import type { TimeZone } from '../setting/time-zone.ts';
import type { LintFinding } from './finding.ts';
import type { LintedProfile, LintedSetting } from './linted-setting.ts';

const dayMs = 24 * hourMs;

/** How far ahead schedules are looked at. */
const daysAhead = 366;

/** Clocks are set by less than this. */
const changeMax: Millis = 3 * hourMs;

/** Starts and ends that fall into an hour that the clock skips or shows twice, and dates that are over. */
export function scheduleTimes({ profiles, options }: LintedSetting): readonly LintFinding[] {
  const zones = new TimeZones();
  return profiles.flatMap((linted) => {
    const { schedule } = linted.profile;
    if (schedule === undefined) return [];
    const zone = zones.of(schedule.timeZone);
    return [...isOver(linted, schedule, zone, options.from), ...odd(linted, schedule, zone)];
  });
}

function isOver(
  { field, profile }: LintedProfile,
  schedule: Schedule,
  zone: TimeZone,
  from: Instant,
): readonly LintFinding[] {
  if (schedule.kind !== 'fixedDate') return [];
  const end = zone.instantOf(schedule.end);
  if (end > from) return [];
  return [
    {
      rule: 'profile-over',
      severity: 'note',
      field: `${field}.fixedDate.end`,
      title: `"${profile.name}" is over`,
      why:
        `Its fixed date ended at ${localText(schedule.end)} (${schedule.timeZone}), and it does ` +
        'not come again.',
      fix: 'Remove it, or give it its next date.',
    },
  ];
}

/** One finding for each way in which the clock is odd; later dates of the year are alike. */
function odd(linted: LintedProfile, schedule: Schedule, zone: TimeZone): readonly LintFinding[] {
  const { from } = linted.options;
  const times =
    schedule.kind === 'recurrence'
      ? startsOf(schedule, zone, from).map((local) => ({ local, member: 'recurrence.schedule' }))
      : [
          { local: schedule.start, member: 'fixedDate.start' },
          { local: schedule.end, member: 'fixedDate.end' },
        ];
  const found = new Map<string, LintFinding>();
  for (const { local, member } of times) {
    const kind = kindOf(local, zone);
    if (kind === 'once' || found.has(kind)) continue;
    found.set(kind, findingOf(linted, schedule, local, kind, member, zone));
  }
  return [...found.values()];
}

function startsOf(
  { days, hour, minute }: Recurrence,
  zone: TimeZone,
  from: Instant,
): readonly LocalTime[] {
  const today = Math.floor(zone.localTimeAt(from) / dayMs);
  const dates = Array.from({ length: daysAhead }, (_, index) => today + index);
  return dates
    .filter((day) => days.includes(weekdayOf(day)))
    .map((day) => (day * dayMs + hour * hourMs + minute * minuteMs) as LocalTime);
}

type Kind = 'skipped' | 'twice' | 'once';

/** How often a wall clock of the zone shows `local`. */
function kindOf(local: LocalTime, zone: TimeZone): Kind {
  const at = zone.instantOf(local);
  if (zone.localTimeAt(at) !== local) return 'skipped';
  return zone.localTimeAt(after(at, changeMax)) < local + changeMax && showsAgain(local, at, zone)
    ? 'twice'
    : 'once';
}

function showsAgain(local: LocalTime, at: Instant, zone: TimeZone): boolean {
  const behind = local + changeMax - zone.localTimeAt(after(at, changeMax));
  return zone.localTimeAt(after(at, behind)) === local;
}

function findingOf(
  { field, profile }: LintedProfile,
  schedule: Schedule,
  local: LocalTime,
  kind: 'skipped' | 'twice',
  member: string,
  zone: TimeZone,
): LintFinding {
  const when = `${localText(local)} (${schedule.timeZone})`;
  const shown = localText(zone.localTimeAt(zone.instantOf(local)));
  return {
    rule: kind === 'skipped' ? 'dst-skipped' : 'dst-repeated',
    severity: 'note',
    field: `${field}.${member}`,
    title:
      kind === 'skipped'
        ? `The clock skips ${when}, a time of "${profile.name}"`
        : `The clock shows ${when}, a time of "${profile.name}", twice`,
    why:
      kind === 'skipped'
        ? `On that date it counts from the first instant after the gap, ${shown}. What Azure ` +
          'does is not documented.'
        : 'On that date the first of the two counts, once. What Azure does is not documented.',
    fix: 'Where that matters, choose an hour that is not changed, or the time zone UTC.',
  };
}

/** `2026-03-29 02:30`, as the wall clock shows it. */
function localText(local: LocalTime): string {
  return new Date(local).toISOString().slice(0, 16).replace('T', ' ');
}
