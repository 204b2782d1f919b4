import { dayMs, hourMs, minuteMs } from './durations.ts';
import type { Profile, Recurrence, Setting } from './plain.ts';
import { instantOf, localOf } from './zone.ts';

/** Step 0: the first fixed date that holds now, else the recurrence that started last, else the default profile. */
export function profileAt(setting: Setting, now: number): Profile | undefined {
  const fixed = setting.profiles.find(({ schedule }) => {
    if (schedule?.kind !== 'fixedDate') return false;
    const start = instantOf(schedule.start, schedule.timeZone);
    const end = instantOf(schedule.end, schedule.timeZone);
    return start <= now && now < end;
  });
  if (fixed !== undefined) return fixed;
  const recurring = latestStarted(setting, now);
  if (recurring !== undefined) return recurring;
  return setting.profiles.find(({ schedule }) => schedule === undefined);
}

/** Of starts at one instant the later local time wins, then the place in the array. */
function latestStarted(setting: Setting, now: number): Profile | undefined {
  const starts = setting.profiles.flatMap((profile, place) => {
    if (profile.schedule?.kind !== 'recurrence') return [];
    return startsBefore(profile.schedule, now).map((start) => ({ ...start, profile, place }));
  });
  starts.sort((a, b) => b.at - a.at || b.local - a.local || a.place - b.place);
  return starts[0]?.profile;
}

/** Every start of the last two weeks: each recurrence has one in any eight days. */
function startsBefore(recurrence: Recurrence, now: number) {
  const today = Math.floor(localOf(now, recurrence.timeZone) / dayMs) * dayMs;
  const starts = [];
  for (let back = -1; back <= 14; back++) {
    const midnight = today - back * dayMs;
    if (!recurrence.days.includes(new Date(midnight).getUTCDay())) continue;
    const local = midnight + recurrence.hour * hourMs + recurrence.minute * minuteMs;
    const at = instantOf(local, recurrence.timeZone);
    if (at <= now) starts.push({ at, local });
  }
  return starts;
}
