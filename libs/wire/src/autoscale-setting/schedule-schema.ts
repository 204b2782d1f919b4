import type { FixedDate, LocalTime, Recurrence, Weekday } from '@headroom/core';
import { z } from 'zod';
import { count } from './members.ts';
import { ianaZone } from './time-zone-name.ts';

/** Without a zone of its own a fixed date is in UTC. */
const zoneOfNone = 'UTC';

const timeZone = z.string('expected the name of a time zone').transform((name, context): string => {
  const zone = ianaZone(name);
  if (zone.ok) return zone.value;
  context.addIssue({ code: 'custom', message: zone.error });
  return z.NEVER;
});

const exampleTime = 'expected a date and time, such as 2026-12-24T00:00:00';
const form = /^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d)(:\d\d(?:[.,]\d{1,9})?)?(?:Z|[+-]\d\d:?\d\d)?$/i;

/**
 * The digits are what the zone's clock shows: an offset behind them is passed over, as Azure's own
 * command line writes +00:00 whatever the zone.
 */
const localTime = z.string(exampleTime).transform((value, context): LocalTime => {
  const ms = localTimeOf(value.trim());
  if (ms !== undefined) return ms;
  context.addIssue({ code: 'custom', message: exampleTime });
  return z.NEVER;
});

function localTimeOf(value: string): LocalTime | undefined {
  const [whole, date = '', clock = '', seconds = ':00'] = form.exec(value) ?? [];
  if (whole === undefined) return undefined;
  const ms = Date.parse(`${date}T${clock}${seconds.replace(',', '.')}Z`);
  // A date such as February 30 is one of March elsewhere.
  if (Number.isNaN(ms) || !new Date(ms).toISOString().startsWith(`${date}T${clock}`)) {
    return undefined;
  }
  return ms as LocalTime;
}

export const fixedDateSchema = z
  .object(
    { timeZone: timeZone.nullish(), start: localTime, end: localTime },
    'expected {"timeZone":…,"start":…,"end":…}',
  )
  .transform(({ timeZone: zone, start, end }): FixedDate => {
    return { kind: 'fixedDate', timeZone: zone ?? utc(), start, end };
  });

function utc(): string {
  const zone = ianaZone(zoneOfNone);
  return zone.ok ? zone.value : zoneOfNone;
}

const weekdayNames = [
  'sunday',
  'monday',
  'tuesday',
  'wednesday',
  'thursday',
  'friday',
  'saturday',
] as const;
const exampleDay = 'expected a day of the week, Sunday to Saturday';

/** By name in any case, or, as in an example of Azure's, by its number: Sunday is "0". */
const weekday = z
  .union([z.string(), z.number()], exampleDay)
  .transform((value, context): Weekday => {
    const name = String(value).trim().toLowerCase();
    const index = /^[0-6]$/.test(name)
      ? Number(name)
      : weekdayNames.findIndex((day) => day === name);
    if (index >= 0) return index as Weekday;
    context.addIssue({ code: 'custom', message: exampleDay });
    return z.NEVER;
  });

/** Lists in Azure's schema, of which the service takes exactly one entry; the message is Azure's. */
function single(what: 'hours' | 'minutes', most: number) {
  const range = `expected a whole number, 0 to ${most}`;
  const message =
    'The autoscale setting that you provided has an invalid recurrence schedule with invalid count ' +
    `for ${what} specified. Specify only one value for ${what}.`;
  return z
    .array(
      count.refine((value) => value <= most, range),
      `expected a list with one entry, such as [0]`,
    )
    .refine((list) => list.length === 1, { error: message, params: { code: 'BadRequest' } })
    .transform(([only = 0]) => only);
}

const schedule = z.object(
  {
    timeZone,
    days: z
      .array(weekday, 'expected a list of days, such as ["Monday","Tuesday"]')
      .min(1, 'empty: name the days on which the profile starts')
      .max(7, 'more than the seven days of a week')
      .transform((days) => [...new Set(days)]),
    hours: single('hours', 23),
    minutes: single('minutes', 59),
  },
  'expected {"timeZone":…,"days":[…],"hours":[…],"minutes":[…]}',
);

export const recurrenceSchema = z
  .object(
    { frequency: z.literal('Week', 'This value must be Week'), schedule },
    'expected {"frequency":"Week","schedule":…}',
  )
  .transform(({ schedule: { timeZone: zone, days, hours, minutes } }): Recurrence => {
    return { kind: 'recurrence', timeZone: zone, days, hour: hours, minute: minutes };
  });
