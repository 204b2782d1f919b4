declare const brand: unique symbol;

/** A value that only its parser can make. */
export type Brand<T, Name extends string> = T & { readonly [brand]: Name };

/** A point in time: milliseconds since 1970-01-01T00:00:00Z. May have a fraction below a millisecond. */
export type Instant = Brand<number, 'Instant'>;

/** A length of time in milliseconds. */
export type Millis = number;

export const secondMs = 1000;
export const minuteMs = 60 * secondMs;
export const hourMs = 60 * minuteMs;

export function instant(epochMs: number): Instant {
  return epochMs as Instant;
}

export function after(at: Instant, ms: Millis): Instant {
  return (at + ms) as Instant;
}

export function latest(a: Instant, b: Instant): Instant {
  return a > b ? a : b;
}

/** ISO 8601 in UTC, for records and messages. */
export function isoOf(at: Instant): string {
  return new Date(at).toISOString();
}
