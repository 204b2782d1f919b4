import { instant, type Instant, type Millis } from '@headroom/core';

/** Steps by which times are moved: grains stay on the minute, and digits below a millisecond stay as they are. */
export const moveStepMs: Millis = 60_000;

const timeForm = /^(\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2})(?:\.(\d+))?(Z|[+-]\d{2}:\d{2})?$/;

/** A record's `time`; without a zone it is UTC, as Azure means it. */
export function recordTime(record: object): Instant | undefined {
  const text = 'time' in record ? record.time : undefined;
  if (typeof text !== 'string') return undefined;
  const form = timeForm.exec(text);
  const at = form === null ? NaN : Date.parse(`${form[1] ?? ''}${form[3] ?? 'Z'}`);
  return Number.isNaN(at) ? undefined : instant(at);
}

/** How far times move, so that the newest of them lies within the minute before `now`. */
export function moveToNow(newest: Instant, now: Instant): Millis {
  return Math.floor((now - newest) / moveStepMs) * moveStepMs;
}

/**
 * The record's text with its time moved and everything else as it was written: numbers beyond 2^53 would not survive
 * being parsed and written again.
 */
export function moveTime(text: string, record: object, byMs: Millis): string {
  const written = 'time' in record ? record.time : undefined;
  const at = recordTime(record);
  if (typeof written !== 'string' || at === undefined) return text;
  const fraction = timeForm.exec(written)?.[2];
  const seconds = new Date(at + byMs).toISOString().slice(0, 19);
  const moved = `${seconds}${fraction === undefined ? '' : `.${fraction}`}Z`;
  const member = new RegExp(`("time"\\s*:\\s*)"${written.replace(/[.+]/g, '\\$&')}"`, 'g');
  return text.replace(member, (_, key: string) => `${key}"${moved}"`);
}
