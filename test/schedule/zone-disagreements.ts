import { hourMs } from '@headroom/core';
import moment from 'moment-timezone';

/** A time in which the zone data of the runtime and those of moment-timezone are of different versions. */
interface Disagreement {
  readonly zone: string;
  readonly from: number;
  readonly until: number;
  readonly reason: string;
}

/**
 * Node 24.21 has the zone data 2026c, moment-timezone 0.6.6 has 2026f. Between them three places gave up a change
 * of their clocks on November 1, 2026. Where both have the same version, this table is not used.
 */
const disagreements: readonly Disagreement[] = [
  {
    zone: 'America/Havana',
    from: Date.UTC(2026, 10, 1),
    until: Date.UTC(2027, 2, 15),
    reason: 'by 2026f: keeps daylight saving time through the winter to 2027',
  },
  {
    zone: 'America/Inuvik',
    from: Date.UTC(2026, 10, 1),
    until: Infinity,
    reason: 'by 2026f: keeps UTC−6 from then on',
  },
  {
    zone: 'America/Winnipeg',
    from: Date.UTC(2026, 10, 1),
    until: Infinity,
    reason: 'by 2026f: keeps UTC−5 from then on',
  },
];

/** Checks around an instant look about a week in both directions. */
const lookMs = 8 * 24 * hourMs;

const sameData = process.versions['tz'] === moment.tz.dataVersion;

/** Whether both data say the same of the zone around `at`, as far as is known. */
export function agreeOn(zone: string, at: number): boolean {
  if (sameData) return true;
  return !disagreements.some(
    (found) => found.zone === zone && at > found.from - lookMs && at < found.until + lookMs,
  );
}
