import { after, isoOf, minuteMs } from '../lang/instant.ts';
import type { Instant } from '../lang/instant.ts';
import { activeProfile } from '../setting/active-profile.ts';
import type { Recurrence } from '../setting/schedule.ts';
import { copiedFor } from './default-copy.ts';
import type { ExampleTrace, LintFinding } from './finding.ts';
import type { LintedProfile, LintedSetting } from './linted-setting.ts';

/** Recurring profiles that nothing ends, ends that leave a gap, and starts that never come. */
export function recurrenceGaps(linted: LintedSetting): readonly LintFinding[] {
  const recurring = linted.profiles.filter(
    ({ profile }) => profile.schedule?.kind === 'recurrence',
  );
  if (recurring.length === 0) return [];
  return [
    ...defaultNeverRuns(linted, recurring),
    ...withoutEnd(recurring),
    ...oneMinuteGaps(recurring),
    ...sameStarts(recurring),
  ];
}

/**
 * A recurrence has a start and no end: it goes on until the next one starts. Azure's portal ends it with a copy of the
 * default profile, whose name is JSON; without such copies the default is out of use.
 */
function defaultNeverRuns(
  { setting, profiles, options }: LintedSetting,
  recurring: readonly LintedProfile[],
): readonly LintFinding[] {
  const plain = profiles.find(({ profile }) => profile.schedule === undefined);
  const hasCopies = recurring.some(({ profile }) => copiedFor(profile) !== undefined);
  if (plain === undefined || hasCopies) return [];
  const names = recurring.map(({ profile }) => `"${profile.name}"`).join(', ');
  const trace = setting.enabled ? afterHoursTrace(recurring, options.from) : undefined;
  return [
    {
      rule: 'default-never-runs',
      severity: 'warning',
      field: plain.field,
      title: `The default profile "${plain.profile.name}" will not run`,
      why:
        'A recurring profile has no end: it applies until the next recurring one starts, week ' +
        `after week. ${names} ` +
        `therefore cover all time that no fixed date does (azure-docs#37858).`,
      fix:
        'Where the default is meant to come back, add a recurring copy of it with the same ' +
        'days, its hour and minute the ' +
        'end, and the name {"name":"…","for":"<the profile that it ends>"}; else keep it as ' +
        'the fallback that Azure asks for.',
      ...(trace === undefined ? {} : { trace }),
    },
  ];
}

/** Just before the next start the profile of the last one still applies. */
function afterHoursTrace(
  [first]: readonly LintedProfile[],
  from: Instant,
): ExampleTrace | undefined {
  if (first === undefined) return undefined;
  const until = activeProfile(first.setting, from)?.until;
  if (until === undefined) return undefined;
  const start = after(until, -2 * minuteMs);
  const active = activeProfile(first.setting, start);
  if (active === undefined) return undefined;
  const { profile } = active;
  return {
    capacity: profile.capacity.minimum,
    start: isoOf(start),
    input: [],
    expect: [{ at: '1m', profile: profile.name }],
  };
}

/** Others have an end copy, this one has none: it goes on over the hours that look like the default's. */
function withoutEnd(recurring: readonly LintedProfile[]): readonly LintFinding[] {
  const ended = new Set(recurring.flatMap(({ profile }) => copiedFor(profile) ?? []));
  if (ended.size === 0) return [];
  return recurring
    .filter(({ profile }) => copiedFor(profile) === undefined && !ended.has(profile.name))
    .map(({ field, profile }) => ({
      rule: 'profile-without-end',
      severity: 'warning',
      field,
      title: `Nothing ends the recurring profile "${profile.name}"`,
      why:
        'No copy of the default profile is named for it, so it applies until whichever recurring ' +
        'profile starts next.',
      fix:
        'Add a recurring copy of the default at its end, named ' +
        `{"name":"…","for":"${profile.name}"}, if the default is meant to come back.`,
    }));
}

const weekMinutes = 7 * 24 * 60;

interface WeeklyStart {
  readonly linted: LintedProfile;
  readonly schedule: Recurrence;
  /** Minutes since Sunday midnight of the wall clock. */
  readonly minute: number;
}

/** In the order of the week; profiles of one time zone only, others cannot be compared so. */
function weekOf(recurring: readonly LintedProfile[], timeZone: string): readonly WeeklyStart[] {
  return recurring
    .flatMap((linted) => {
      const { schedule } = linted.profile;
      if (schedule?.kind !== 'recurrence' || schedule.timeZone !== timeZone) return [];
      return schedule.days.map((day) => ({
        linted,
        schedule,
        minute: (day * 24 + schedule.hour) * 60 + schedule.minute,
      }));
    })
    .sort((a, b) => a.minute - b.minute);
}

function weeksOf(recurring: readonly LintedProfile[]): readonly (readonly WeeklyStart[])[] {
  const zones = new Set(recurring.flatMap(({ profile }) => profile.schedule?.timeZone ?? []));
  return [...zones].map((zone) => weekOf(recurring, zone));
}

/** The portal ends a profile a minute before the next, the CLI at 23:59: the default rules for that minute. */
function oneMinuteGaps(recurring: readonly LintedProfile[]): readonly LintFinding[] {
  const found = new Map<string, LintFinding>();
  for (const week of weeksOf(recurring)) {
    week.forEach((start, index) => {
      const next = week[(index + 1) % week.length];
      if (next === undefined || copiedFor(start.linted.profile) === undefined) return;
      if (copiedFor(next.linted.profile) !== undefined) return;
      if ((next.minute - start.minute + weekMinutes) % weekMinutes !== 1) return;
      found.set(start.linted.field, gap(start, next));
    });
  }
  return [...found.values()];
}

function gap({ linted, schedule }: WeeklyStart, next: WeeklyStart): LintFinding {
  const ends = copiedFor(linted.profile) ?? '';
  return {
    rule: 'one-minute-gap',
    severity: 'warning',
    field: `${linted.field}.recurrence.schedule`,
    title: `For the minute from ${clock(schedule)} the default profile applies`,
    why:
      `"${ends}" is ended at ${clock(schedule)}, and "${next.linted.profile.name}" starts at ` +
      `${clock(next.schedule)}: in ` +
      `between the default's bounds bring the count in, whatever the load (azure-cli#25249).`,
    fix:
      `Remove the copy that ends "${ends}" on the days on which "${next.linted.profile.name}" ` +
      'follows: the next start ends it without a gap.',
  };
}

/** Of two that start together the first of the array applies, and the other never does at that time. */
function sameStarts(recurring: readonly LintedProfile[]): readonly LintFinding[] {
  const found = new Map<string, LintFinding>();
  for (const week of weeksOf(recurring)) {
    week.forEach((start, index) => {
      const next = week[index + 1];
      if (next?.minute !== start.minute) return;
      const [first, second] =
        start.linted.index < next.linted.index ? [start, next] : [next, start];
      if (first.linted === second.linted) return;
      found.set(second.linted.field, sameStart(first, second));
    });
  }
  return [...found.values()];
}

function sameStart(first: WeeklyStart, { linted, schedule }: WeeklyStart): LintFinding {
  return {
    rule: 'same-start',
    severity: 'warning',
    field: `${linted.field}.recurrence.schedule`,
    title:
      `"${linted.profile.name}" never starts at ${clock(schedule)}: ` +
      `"${first.linted.profile.name}" does`,
    why: 'Both start at the same minute of the week, and the first in the array applies.',
    fix: 'Move one of the two, or take the day out of one.',
  };
}

/** Of fixed dates that hold at one time the first of the array applies. */
export function coveredDates({ profiles }: LintedSetting): readonly LintFinding[] {
  return profiles.flatMap((linted, index) => {
    const above = profiles.slice(0, index).find((earlier) => covers(earlier, linted));
    if (above === undefined) return [];
    return [
      {
        rule: 'covered-date',
        severity: 'error',
        field: `${linted.field}.fixedDate`,
        title: `"${linted.profile.name}" never applies: "${above.profile.name}" does all that time`,
        why: 'Of fixed dates that hold at one time the first in the array applies, and its date covers this one whole.',
        fix: 'Move the narrower date up in the array, or remove it.',
      },
    ];
  });
}

function covers({ profile }: LintedProfile, later: LintedProfile): boolean {
  const [wide, narrow] = [profile.schedule, later.profile.schedule];
  if (wide?.kind !== 'fixedDate' || narrow?.kind !== 'fixedDate') return false;
  if (wide.timeZone !== narrow.timeZone) return false;
  return wide.start <= narrow.start && narrow.end <= wide.end;
}

function clock({ hour, minute }: Recurrence): string {
  return `${String(hour).padStart(2, '0')}:${String(minute).padStart(2, '0')}`;
}
