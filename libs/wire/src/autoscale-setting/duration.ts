import { hourMs, minuteMs, secondMs } from '@headroom/core';
import type { Millis } from '@headroom/core';

const dayMs = 24 * hourMs;
const iso = /^P(?:(\d+)W|(?:(\d+)D)?(?:T(?=\d)(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:[.,]\d+)?)S)?)?)$/i;
const short = /^(?=\d)(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m)?(?:(\d+(?:\.\d+)?)s)?$/i;

/**
 * An ISO 8601 duration in milliseconds: `PT1M`, `PT1H30M`, `P1D`, `P1W`. Undefined for anything
 * else. Months and years have no fixed length and are no durations here.
 */
export function durationMs(text: string): Millis | undefined {
  const match = iso.exec(text.trim());
  return match === null ? undefined : sumOf(match.slice(1));
}

/** As people write it: an ISO 8601 duration, or `10m`, `1h30m`, `90s`, `2d`. */
export function spokenDurationMs(text: string): Millis | undefined {
  const match = short.exec(text.trim());
  return match === null ? durationMs(text) : sumOf([undefined, ...match.slice(1)]);
}

/** The shortest ISO 8601 text of a duration: `PT10M`, `PT1H30M`, `PT0.5S`. */
export function durationIso(ms: Millis): string {
  const hours = Math.floor(ms / hourMs);
  const minutes = Math.floor((ms % hourMs) / minuteMs);
  const seconds = (ms % minuteMs) / secondMs;
  const parts = [part(hours, 'H'), part(minutes, 'M'), part(seconds, 'S')].join('');
  return parts === '' ? 'PT0S' : `PT${parts}`;
}

function part(amount: number, unit: string): string {
  return amount === 0 ? '' : `${amount}${unit}`;
}

/** Weeks, days, hours, minutes, seconds; what the text does not have is undefined. */
function sumOf(parts: readonly (string | undefined)[]): Millis | undefined {
  if (parts.every((amount) => amount === undefined)) return undefined;
  const unitsMs = [7 * dayMs, dayMs, hourMs, minuteMs, secondMs];
  return parts.reduce((sum, amount, index) => sum + amountOf(amount) * (unitsMs[index] ?? 0), 0);
}

function amountOf(text: string | undefined): number {
  return text === undefined ? 0 : Number(text.replace(',', '.'));
}
