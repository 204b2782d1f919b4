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

function unitOf(unit: string | undefined): Millis {
  return unitMs[unit ?? ''] ?? NaN;
}
