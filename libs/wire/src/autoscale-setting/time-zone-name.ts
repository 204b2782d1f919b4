import windowsZonesFile from 'cldr-core/supplemental/windowsZones.json' with { type: 'json' };
import { failed, ok } from '@headroom/core';
import type { Result } from '@headroom/core';
import { nearestOf } from './nearest.ts';

/** The names that Azure's command line shows, beside Windows' own ids of the same zones. */
const displayNames: Readonly<Record<string, string>> = {
  'Coordinated Universal Time': 'UTC',
  'Cabo Verde Standard Time': 'Cape Verde Standard Time',
  'Jerusalem Standard Time': 'Israel Standard Time',
  'Malay Peninsula Standard Time': 'Singapore Standard Time',
  'West Bank Gaza Standard Time': 'West Bank Standard Time',
  'Russia TZ 1 Standard Time': 'Kaliningrad Standard Time',
  'Russia TZ 2 Standard Time': 'Russian Standard Time',
  'Russia TZ 3 Standard Time': 'Russia Time Zone 3',
  'Russia TZ 4 Standard Time': 'Ekaterinburg Standard Time',
  'Russia TZ 5 Standard Time': 'N. Central Asia Standard Time',
  'Russia TZ 6 Standard Time': 'North Asia Standard Time',
  'Russia TZ 7 Standard Time': 'North Asia East Standard Time',
  'Russia TZ 8 Standard Time': 'Yakutsk Standard Time',
  'Russia TZ 9 Standard Time': 'Vladivostok Standard Time',
  'Russia TZ 10 Standard Time': 'Russia Time Zone 10',
  'Russia TZ 11 Standard Time': 'Russia Time Zone 11',
};

/** Windows ids that are obsolete, and so in no table of today, but on Azure's list still. */
const obsoleteZones: Readonly<Record<string, string>> = {
  'Mid-Atlantic Standard Time': 'Etc/GMT+2',
  'Kamchatka Standard Time': 'Asia/Kamchatka',
};

/** Each Windows id with the IANA zone of the territory that it is named after (CLDR's 001). */
export const windowsZones: ReadonlyMap<string, string> = new Map([
  ...windowsZonesFile.supplemental.windowsZones.mapTimezones
    .map(({ mapZone }) => mapZone)
    .filter(({ _territory }) => _territory === '001')
    .map(({ _other, _type }) => [_other, _type] as const),
  ...Object.entries(obsoleteZones),
]);

const ianaNames = Intl.supportedValuesOf('timeZone');

const byLowerCase: ReadonlyMap<string, string> = new Map([
  ...ianaNames.map((name) => [name.toLowerCase(), name] as const),
  ...[...windowsZones].map(([id, name]) => [id.toLowerCase(), name] as const),
  ...Object.entries(displayNames).map(
    ([shown, id]) => [shown.toLowerCase(), windowsZones.get(id) ?? id] as const,
  ),
]);

/**
 * The IANA name of a zone by its Windows id, the name that Azure's command line shows for it, or its IANA name, in
 * any case. The error says which names are near.
 */
export function ianaZone(name: string): Result<string, string> {
  const known = byLowerCase.get(name.trim().toLowerCase()) ?? aliasOf(name.trim());
  if (known !== undefined) return ok(known);
  const all = [...windowsZones.keys(), ...Object.keys(displayNames), ...ianaNames];
  const near = nearestOf(name, all, 3).join(', ');
  const what = 'is no time zone: give a Windows or IANA name';
  return failed(`${JSON.stringify(name.slice(0, 60))} ${what}; the nearest are ${near}`);
}

/** `US/Pacific` and `Asia/Kolkata` are other names of zones; `+05:00` is none, though the runtime takes it. */
function aliasOf(name: string): string | undefined {
  if (!/^[a-z]/i.test(name)) return undefined;
  try {
    return new Intl.DateTimeFormat('en-US', { timeZone: name }).resolvedOptions().timeZone;
  } catch {
    return undefined;
  }
}
