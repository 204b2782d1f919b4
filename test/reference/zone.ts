import moment from 'moment-timezone';
import { dayMs } from './durations.ts';

/**
 * The instant at which a wall clock in `timeZone` shows `local` (the milliseconds at which a clock in UTC shows the same):
 * the first where it shows it twice; where it never does, the first instant after the gap.
 */
export function instantOf(local: number, timeZone: string): number {
  const spans = spansAround(local, timeZone);
  const shown = spans
    .map((span) => ({ span, at: local - span.offsetMs }))
    .filter(({ span, at }) => at >= span.from && at < span.until)
    .map(({ at }) => at);
  if (shown.length > 0) return Math.min(...shown);
  const afterGap = spans.filter(({ from, offsetMs }) => from + offsetMs > local);
  return Math.min(...afterGap.map(({ from }) => from));
}

/** What the wall clock shows at `at`, as the milliseconds at which a clock in UTC shows the same. */
export function localOf(at: number, timeZone: string): number {
  const span = spansAround(at, timeZone).find(({ from, until }) => at >= from && at < until);
  if (span === undefined) throw new Error(`no offset of ${timeZone} at ${at}`);
  return at + span.offsetMs;
}

/** A stretch of time with one offset from UTC. */
interface Span {
  readonly from: number;
  readonly until: number;
  readonly offsetMs: number;
}

/** The spans of the zone that touch the days around `at`. */
function spansAround(at: number, timeZone: string): readonly Span[] {
  const zone = moment.tz.zone(timeZone);
  if (zone === null) throw new Error(`moment-timezone does not know ${timeZone}`);
  const spans: Span[] = [];
  for (let i = 0; i < zone.untils.length; i++) {
    const from = i === 0 ? -Infinity : zone.untils[i - 1]!;
    const until = zone.untils[i]!;
    if (until < at - 3 * dayMs || from > at + 3 * dayMs) continue;
    // Its offsets are minutes west of Greenwich.
    spans.push({ from, until, offsetMs: -zone.offsets[i]! * 60_000 });
  }
  return spans;
}
