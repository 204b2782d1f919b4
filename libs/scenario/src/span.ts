import { hourMs, minuteMs, secondMs } from '@headroom/core';
import type { Millis } from '@headroom/core';
import { runMax } from './limits.ts';

const dayMs = 24 * hourMs;
const short = /^(?=\d)(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?$/;
const iso = /^P(?=.)(?:(\d+)D)?(?:T(?=\d)(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?$/i;

/** `10m`, `10m30s`, `1h30m`, `2d`, or ISO 8601: `PT5M`. Whole seconds; `undefined` for anything else. */
export function parseSpan(text: string): Millis | undefined {
  const match = short.exec(text.trim()) ?? iso.exec(text.trim());
  if (match === null) return undefined;
  // A part that the text does not have is undefined, whatever the type of a match says.
  const [days, hours, minutes, seconds] = match.slice(1) as readonly (string | undefined)[];
  const ms =
    Number(days ?? 0) * dayMs +
    Number(hours ?? 0) * hourMs +
    Number(minutes ?? 0) * minuteMs +
    Number(seconds ?? 0) * secondMs;
  return ms <= runMax ? ms : undefined;
}

/** The shortest text that `parseSpan` reads back: `1h30m`. */
export function spanText(ms: Millis): string {
  const parts = [
    [Math.floor(ms / dayMs), 'd'],
    [Math.floor((ms % dayMs) / hourMs), 'h'],
    [Math.floor((ms % hourMs) / minuteMs), 'm'],
    [(ms % minuteMs) / secondMs, 's'],
  ] as const;
  const text = parts.map(([count, unit]) => (count === 0 ? '' : `${count}${unit}`)).join('');
  return text === '' ? '0s' : text;
}
