import { instant } from '@headroom/core';
import type { Instant } from '@headroom/core';

const form = /^(\d{4}-\d\d-\d\d)T(\d\d):([0-5]\d):([0-5]\d)(\.\d{1,9})?(Z|[+-]\d\d:[0-5]\d)$/;

/**
 * An ISO 8601 time with `Z` or an offset, since 1970. Azure writes seven digits of a second's
 * fraction; what is below a millisecond is kept as far as the number carries it. Undefined for
 * anything else, 30 February included.
 */
export function isoInstant(text: string): Instant | undefined {
  const match = form.exec(text);
  if (match === null) return undefined;
  const [day, hour, minute, second, fraction, zone]: readonly (string | undefined)[] =
    match.slice(1);
  if (!isDay(`${day}`) || Number(hour) > 23) return undefined;
  const wholeMs = Date.parse(`${day}T${hour}:${minute}:${second}${zone}`);
  const ms = wholeMs + (fraction === undefined ? 0 : Number(`0${fraction}`) * 1000);
  return ms >= 0 ? instant(ms) : undefined;
}

function isDay(day: string): boolean {
  const ms = Date.parse(`${day}T00:00:00Z`);
  return !Number.isNaN(ms) && new Date(ms).toISOString().startsWith(day);
}
