import { failed, instant, isoOf, ok, type Instant, type Result } from '@headroom/core';
import { parseDuration } from './duration.ts';

const isoForm = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:\d{2}))?$/;

/** A point in time as a person gives it: `1h` (that long ago), or ISO 8601 with a zone; a bare date begins in UTC. */
export function parseWhen(text: string, now: Instant): Result<Instant, string> {
  const ago = parseDuration(text);
  if (ago.ok) return ok(instant(now - ago.value));
  const at = isoForm.test(text.trim()) ? Date.parse(text) : NaN;
  if (Number.isNaN(at)) {
    return failed(`"${text}" is no time: write 90m or 2d for that long ago, or ${isoOf(now)}`);
  }
  return ok(instant(at));
}

/** `2026-11-21 14:07:09Z`, to be read beside others of its kind. */
export function formatInstant(at: Instant): string {
  return isoOf(at).slice(0, 19).replace('T', ' ') + 'Z';
}

/** `14:07:09`, UTC, for lines of one run. */
export function formatClock(at: Instant): string {
  return isoOf(at).slice(11, 19);
}
