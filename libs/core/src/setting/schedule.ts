import type { Brand } from '../lang/instant.ts';

/** When a profile applies. Time zones are IANA names: the reader of a document translates Windows' ones. */
export type Schedule = FixedDate | Recurrence;

/** Once: [start, end) as the wall clock of the zone shows them. */
export interface FixedDate {
  readonly kind: 'fixedDate';
  readonly timeZone: string;
  readonly start: LocalTime;
  readonly end: LocalTime;
}

/** Weekly, from each start until the next start of any recurring profile: Azure's recurrences have no end. */
export interface Recurrence {
  readonly kind: 'recurrence';
  readonly timeZone: string;
  readonly days: readonly Weekday[];
  readonly hour: number;
  readonly minute: number;
}

/** What a wall clock shows, as the milliseconds at which a clock in UTC shows the same. */
export type LocalTime = Brand<number, 'LocalTime'>;

/** Sunday is 0. */
export type Weekday = 0 | 1 | 2 | 3 | 4 | 5 | 6;

/** Of the days since 1970-01-01, which was a Thursday. */
export function weekdayOf(day: number): Weekday {
  return ((((day + 4) % 7) + 7) % 7) as Weekday;
}
