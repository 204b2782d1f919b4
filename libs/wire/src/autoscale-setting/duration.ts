import { hourMs, minuteMs, secondMs } from '@headroom/core';
import type { Millis } from '@headroom/core';

const dayMs = 24 * hourMs;
const form = /^P(?:(\d+)W|(?:(\d+)D)?(?:T(?=\d)(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:[.,]\d+)?)S)?)?)$/i;

/**
 * An ISO 8601 duration in milliseconds: `PT1M`, `PT1H30M`, `P1D`, `P1W`. Undefined for anything
 * else. Months and years have no fixed length and are no durations here.
 */
export function durationMs(text: string): Millis | undefined {
  const match = form.exec(text.trim());
  if (match === null) return undefined;
  // A part that the text does not have is undefined, whatever the type of a match says.
  const parts: readonly (string | undefined)[] = match.slice(1);
  if (parts.every((part) => part === undefined)) return undefined;
  const [weeks, days, hours, minutes, seconds] = parts;
  return (
    amount(weeks) * 7 * dayMs +
    amount(days) * dayMs +
    amount(hours) * hourMs +
    amount(minutes) * minuteMs +
    amount(seconds) * secondMs
  );
}

function amount(part: string | undefined): number {
  return part === undefined ? 0 : Number(part.replace(',', '.'));
}
