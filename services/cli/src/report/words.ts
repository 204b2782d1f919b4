import { durationText, hourMs, minuteMs } from '@headroom/core';
import type { Instant, Millis } from '@headroom/core';

const months = 'Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec'.split(' ');

/** `12 Nov`, UTC. */
export function dayText(at: Instant): string {
  const date = new Date(at);
  return `${date.getUTCDate()} ${months[date.getUTCMonth()] ?? ''}`;
}

/** `12 Nov 14:07`, UTC. */
export function timeText(at: Instant): string {
  return `${dayText(at)} ${clockText(at)}`;
}

/** `14:07`, UTC. */
export function clockText(at: Instant): string {
  return new Date(at).toISOString().slice(11, 16);
}

/** `30 Oct 2026`, UTC. */
export function dateText(at: Instant): string {
  return `${dayText(at)} ${new Date(at).getUTCFullYear()}`;
}

/** `30 days`, `1 day`, `36 h`: the length of a history, which seldom ends to the minute where it began. */
export function lengthText(ms: Millis): string {
  const days = Math.round(ms / dayMs);
  return days > 0 && Math.abs(days * dayMs - ms) < hourMs
    ? countText(days, 'day')
    : durationText(ms);
}

const dayMs = 24 * hourMs;

/** From a minute on nobody needs the seconds: `3 h 12 min`. */
export function spanText(ms: Millis): string {
  if (ms === 0) return '0 min';
  if (ms < minuteMs) return durationText(ms);
  return durationText(Math.round(ms / minuteMs) * minuteMs);
}

const grouped = new Intl.NumberFormat('en-GB', { maximumFractionDigits: 1 });
const precise = new Intl.NumberFormat('en-GB', { maximumSignificantDigits: 4 });

/** `2,412` or `97.3`. */
export function numberText(value: number): string {
  return Math.abs(value) >= 1000 ? grouped.format(Math.round(value)) : grouped.format(value);
}

/** A metric's value: four digits tell enough. */
export function valueText(value: number): string {
  return Math.abs(value) >= 1000 ? numberText(value) : precise.format(value);
}

/** `98.9 %`, never apart at the end of a line, and never 100 % of what is not all. */
export function shareText(part: number, whole: number): string {
  const percent = Math.floor((part / whole) * 1000) / 10;
  return `${percent}\u00a0%`;
}

/** `1 action`, `2,412 actions`. */
export function countText(count: number, one: string, many = `${one}s`): string {
  return `${numberText(count)} ${count === 1 ? one : many}`;
}

/** `a`, `a and b`, `a, b and c`. */
export function listText(items: readonly string[]): string {
  const [last, ...rest] = items.toReversed();
  if (last === undefined) return '';
  return rest.length === 0 ? last : `${rest.toReversed().join(', ')} and ${last}`;
}
