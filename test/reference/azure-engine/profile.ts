import { dayMs, hourMs, minuteMs } from '../durations.ts';
import { instantOf, localOf } from '../zone.ts';
import type { ArmProfile } from './arm-setting.ts';

/** Azure names zones as Windows does; of those the ones that the fleet uses. */
const zones: Readonly<Record<string, string>> = {
  UTC: 'UTC',
  'W. Europe Standard Time': 'Europe/Berlin',
  'GMT Standard Time': 'Europe/London',
  'Pacific Standard Time': 'America/Los_Angeles',
  'Eastern Standard Time': 'America/New_York',
  'India Standard Time': 'Asia/Kolkata',
  'AUS Eastern Standard Time': 'Australia/Sydney',
};

const days = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];

/** The first fixed date that holds; else the recurrence that began last; else the default profile. */
export function profileAt(profiles: readonly ArmProfile[], now: number): ArmProfile | undefined {
  return (
    profiles.find((profile) => holdsFixedDate(profile, now)) ??
    lastBegun(profiles, now) ??
    profiles.find(
      ({ fixedDate, recurrence }) => fixedDate === undefined && recurrence === undefined,
    )
  );
}

function holdsFixedDate({ fixedDate }: ArmProfile, now: number): boolean {
  if (fixedDate === undefined) return false;
  const zone = zoneOf(fixedDate.timeZone);
  const at = (text: string): number => instantOf(Date.parse(`${text.slice(0, 19)}Z`), zone);
  return at(fixedDate.start) <= now && now < at(fixedDate.end);
}

function lastBegun(profiles: readonly ArmProfile[], now: number): ArmProfile | undefined {
  let best: { profile: ArmProfile; at: number } | undefined;
  for (const profile of profiles) {
    const at = lastStart(profile, now);
    if (at !== undefined && (best === undefined || at > best.at)) best = { profile, at };
  }
  return best?.profile;
}

/** Within the last eight days there is one of each recurrence. */
function lastStart({ recurrence }: ArmProfile, now: number): number | undefined {
  if (recurrence === undefined) return undefined;
  const { timeZone, days: names, hours, minutes } = recurrence.schedule;
  const zone = zoneOf(timeZone);
  const today = Math.floor(localOf(now, zone) / dayMs) * dayMs;
  for (let back = -1; back <= 8; back++) {
    const midnight = today - back * dayMs;
    if (!names.includes(days[new Date(midnight).getUTCDay()]!)) continue;
    const at = instantOf(midnight + hours[0] * hourMs + minutes[0] * minuteMs, zone);
    if (at <= now) return at;
  }
  return undefined;
}

function zoneOf(name: string): string {
  const zone = zones[name];
  if (zone === undefined) throw new Error(`the engine does not know the zone ${name}`);
  return zone;
}
