import { failed, ok, type Millis, type Result } from '@headroom/core';

const unitMs: Readonly<Record<string, Millis>> = {
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};
const longestMs: Millis = 365 * 86_400_000;

/** `90s`, `5m`, `1h30m`, `2d`: whole numbers with a unit, at most a year. */
export function parseDuration(text: string): Result<Millis, string> {
  const parts = [...text.trim().matchAll(/(\d+)([smhd])/g)];
  const read = parts.map(([part]) => part).join('');
  const ms = parts.reduce((sum, [, count, unit]) => sum + Number(count) * unitOf(unit), 0);
  if (read !== text.trim() || ms <= 0 || ms > longestMs) {
    return failed(`"${text}" is no duration: write 90s, 5m, 1h30m or 2d`);
  }
  return ok(ms);
}

/** For people: `850 ms`, `4.2 s`, `3 min 20 s`, `2 h 5 min`, `3 d 4 h`. */
export function formatDuration(ms: Millis): string {
  if (ms < 1000) return `${Math.round(ms)} ms`;
  if (ms < 60_000) return `${(ms / 1000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1000);
  if (seconds < 3600) return two(Math.floor(seconds / 60), 'min', seconds % 60, 's');
  const minutes = Math.round(seconds / 60);
  if (minutes < 48 * 60) return two(Math.floor(minutes / 60), 'h', minutes % 60, 'min');
  const hours = Math.round(minutes / 60);
  return two(Math.floor(hours / 24), 'd', hours % 24, 'h');
}

function two(large: number, largeUnit: string, small: number, smallUnit: string): string {
  const rest = small === 0 ? '' : ` ${small} ${smallUnit}`;
  return `${large} ${largeUnit}${rest}`;
}

function unitOf(unit: string | undefined): Millis {
  return unitMs[unit ?? ''] ?? NaN;
}
