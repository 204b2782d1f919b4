import { hourMs, minuteMs } from '../lang/instant.ts';
import type { Instant } from '../lang/instant.ts';
import type { AutoscaleSetting, Profile } from './autoscale-setting.ts';
import { weekdayOf } from './schedule.ts';
import type { FixedDate, LocalTime, Recurrence, Schedule } from './schedule.ts';
import { TimeZones } from './time-zone.ts';
import type { TimeZone } from './time-zone.ts';

/** The profile that applies, and until when that is certain. */
export interface ActiveProfile {
  readonly profile: Profile;
  /** Its place in the setting. */
  readonly index: number;
  /** The first instant at which another one may apply; absent where none ever will. */
  readonly until?: Instant;
}

/**
 * The first fixed date that holds `now`; else, of the recurring profiles, the one that started last (of starts at
 * one instant the later local time, then the first of the array); else the first without a schedule. A recurrence
 * has no end, so with one of them the default never applies. `undefined`: no profile applies. `zones` remembers
 * what was asked of them: whoever asks often keeps one.
 */
export function activeProfile(
  setting: AutoscaleSetting,
  now: Instant,
  zones = new TimeZones(),
): ActiveProfile | undefined {
  const turns = turnsOf(setting, now, zones);
  const index = chosen(turns);
  const profile = setting.profiles[index];
  if (profile === undefined) return undefined;
  const until = nextOf(turns);
  return until === undefined ? { profile, index } : { profile, index, until };
}

/** When a profile begins or ends to apply next: `until`, also where none applies. `undefined`: never. */
export function nextSwitch(
  setting: AutoscaleSetting,
  now: Instant,
  zones = new TimeZones(),
): Instant | undefined {
  return nextOf(turnsOf(setting, now, zones));
}

function turnsOf(setting: AutoscaleSetting, now: Instant, zones: TimeZones): readonly Turn[] {
  return setting.profiles.map(({ schedule }) => turnOf(schedule, now, zones));
}

function nextOf(turns: readonly Turn[]): Instant | undefined {
  const next = Math.min(...turns.map((turn) => turn.next ?? Infinity)) as Instant;
  return next === Infinity ? undefined : next;
}

/** What a profile's schedule says at an instant. */
interface Turn {
  readonly kind: Schedule['kind'] | 'default';
  /** When the term in force began; absent where none is. */
  readonly since?: Start;
  /** When it begins or ends next. */
  readonly next?: Instant;
}

interface Start {
  readonly at: Instant;
  readonly local: LocalTime;
}

function chosen(turns: readonly Turn[]): number {
  const fixed = turns.findIndex((turn) => turn.kind === 'fixedDate' && turn.since !== undefined);
  if (fixed >= 0) return fixed;
  const started = lastStarted(turns);
  return started >= 0 ? started : turns.findIndex(({ kind }) => kind === 'default');
}

function lastStarted(turns: readonly Turn[]): number {
  let found = -1;
  let last: Start | undefined;
  turns.forEach(({ kind, since }, index) => {
    if (kind !== 'recurrence' || since === undefined) return;
    if (last !== undefined && !isLater(since, last)) return;
    last = since;
    found = index;
  });
  return found;
}

function isLater(a: Start, b: Start): boolean {
  return a.at > b.at || (a.at === b.at && a.local > b.local);
}

function turnOf(schedule: Schedule | undefined, now: Instant, zones: TimeZones): Turn {
  if (schedule === undefined) return { kind: 'default' };
  const zone = zones.of(schedule.timeZone);
  return schedule.kind === 'fixedDate'
    ? fixedTurn(schedule, zone, now)
    : recurringTurn(schedule, zone, now);
}

function fixedTurn({ kind, start, end }: FixedDate, zone: TimeZone, now: Instant): Turn {
  const [begin, over] = [zone.instantOf(start), zone.instantOf(end)];
  // Both in one gap: it never applies.
  if (over <= now || over <= begin) return { kind };
  if (now < begin) return { kind, next: begin };
  return { kind, since: { at: begin, local: start }, next: over };
}

const dayMs = 24 * hourMs;
const weekDays = 7;

/**
 * A start of tomorrow's date may be over, where the clock was set back over midnight; a date that was skipped as a
 * whole starts with the day after it. Both lie within a day of the week around now.
 */
function recurringTurn(recurrence: Recurrence, zone: TimeZone, now: Instant): Turn {
  const { kind } = recurrence;
  const today = Math.floor(zone.localTimeAt(now) / dayMs);
  const first = today - weekDays;
  const last = today + weekDays + 1;
  const since = startAmong(recurrence, zone, today + 1, first, ({ at }) => at <= now);
  const next = startAmong(recurrence, zone, today, last, ({ at }) => at > now);
  return {
    kind,
    ...(since === undefined ? {} : { since }),
    ...(next === undefined ? {} : { next: next.at }),
  };
}

/** The first start that will do, on the days since 1970 from `from` to `to`, in either direction. */
function startAmong(
  { days, hour, minute }: Recurrence,
  zone: TimeZone,
  from: number,
  to: number,
  willDo: (start: Start) => boolean,
): Start | undefined {
  const step = Math.sign(to - from);
  for (let day = from; day !== to + step; day += step) {
    if (!days.includes(weekdayOf(day))) continue;
    const local = (day * dayMs + hour * hourMs + minute * minuteMs) as LocalTime;
    const start = { at: zone.instantOf(local), local };
    if (willDo(start)) return start;
  }
  return undefined;
}
