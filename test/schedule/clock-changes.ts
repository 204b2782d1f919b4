import { minuteMs } from '@headroom/core';
import moment from 'moment-timezone';

/**
 * A zone's clocks show `before` when they should and go on from `after`: local times as the milliseconds of UTC.
 */
export interface ClockChange {
  readonly zone: string;
  readonly at: number;
  readonly before: number;
  readonly after: number;
}

/** What a wall clock of the zone shows at `at` less what one in UTC shows, in milliseconds. */
export function offsetOf(zone: string, at: number): number {
  const found = moment.tz.zone(zone);
  if (found === null) throw new Error(`moment-timezone does not know ${zone}`);
  // Its offsets are minutes west of Greenwich; UTC's is zero, not minus zero.
  return 0 - found.utcOffset(at) * minuteMs;
}

/** The changes of a zone from 2020 to 2035, in moment-timezone's own data. */
export function changesOf(name: string): readonly ClockChange[] {
  const zone = moment.tz.zone(name);
  if (zone === null) throw new Error(`moment-timezone does not know ${name}`);
  return zone.untils.flatMap((at, index) => {
    if (at < Date.UTC(2020) || at >= Date.UTC(2036)) return [];
    const [before, after] = [zone.offsets[index]!, zone.offsets[index + 1]!];
    if (before === after) return [];
    // Its offsets are minutes west of Greenwich.
    return [{ zone: name, at, before: at - before * minuteMs, after: at - after * minuteMs }];
  });
}

/** Local times at which a profile might start, in and around what is skipped or comes twice. Whole minutes. */
export function startsAround({ before, after }: ClockChange): readonly number[] {
  const [low, high] = before < after ? [before, after] : [after, before];
  const middle = low + Math.floor((high - low) / 2 / minuteMs) * minuteMs;
  return [low - minuteMs, low, middle, high - minuteMs, high, high + minuteMs];
}
