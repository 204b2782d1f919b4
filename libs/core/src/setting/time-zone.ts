import { assert } from '../lang/assert.ts';
import { hourMs } from '../lang/instant.ts';
import type { Instant, Millis } from '../lang/instant.ts';
import type { LocalTime } from './schedule.ts';

const dayMs = 24 * hourMs;

/**
 * Days of one zone that are remembered: years of log time, and a bound where somebody asks about every day there
 * is.
 */
const daysMax = 4096;

/** No zone was ever a day away from UTC, nor changed its offset so often within two days. */
const segmentsMax = 16;

/** A time during which a zone's offset stays as it is. */
interface Segment {
  /** What a wall clock shows less what one in UTC shows. */
  readonly offsetMs: Millis;
  /** At the latest: another segment, which may have the same offset, begins here. */
  readonly until: Instant;
}

/** A day of UTC, on which a zone changes its offset at most once. */
interface Day {
  readonly offsetMs: Millis;
  readonly changesAt: Instant;
  readonly offsetAfterMs: Millis;
}

/**
 * An IANA time zone, with the zone data of the runtime. It asks `Intl` about each day once: settings of one zone
 * look at the same days.
 */
export class TimeZone {
  readonly #format: Intl.DateTimeFormat;
  readonly #days = new Map<number, Day>();

  /** Throws a `RangeError` where the runtime does not know the zone. */
  constructor(name: string) {
    this.#format = new Intl.DateTimeFormat('en-US', { timeZone: name, timeZoneName: 'longOffset' });
  }

  localTimeAt(at: Instant): LocalTime {
    return (at + this.#segmentAt(at).offsetMs) as LocalTime;
  }

  /**
   * The first instant at which a wall clock shows `local` or has passed it: the end of the gap for a time that is
   * skipped, the first time of one that comes twice.
   */
  instantOf(local: LocalTime): Instant {
    let from = (local - dayMs) as Instant;
    for (let segments = 0; segments < segmentsMax; segments++) {
      const { offsetMs, until } = this.#segmentAt(from);
      const at = Math.max(from, local - offsetMs) as Instant;
      if (at < until) return at;
      from = until;
    }
    assert(false, `a wall clock shows ${local} within two days`);
  }

  #segmentAt(at: Instant): Segment {
    const index = Math.floor(at / dayMs);
    const { offsetMs, changesAt, offsetAfterMs } = this.#day(index);
    if (at < changesAt) return { offsetMs, until: changesAt };
    return { offsetMs: offsetAfterMs, until: ((index + 1) * dayMs) as Instant };
  }

  #day(index: number): Day {
    const known = this.#days.get(index);
    if (known !== undefined) return known;
    if (this.#days.size >= daysMax) this.#days.clear();
    const day = this.#ask(index * dayMs, (index + 1) * dayMs);
    this.#days.set(index, day);
    return day;
  }

  #ask(begin: number, end: number): Day {
    const offsetMs = this.#offsetAt(begin);
    const offsetAfterMs = this.#offsetAt(end);
    // The last millisecond with the old offset, and the first with the new one.
    let [before, changed] = [begin, end];
    while (offsetMs !== offsetAfterMs && changed - before > 1) {
      const middle = Math.floor((before + changed) / 2);
      if (this.#offsetAt(middle) === offsetMs) before = middle;
      else changed = middle;
    }
    return { offsetMs, changesAt: changed as Instant, offsetAfterMs };
  }

  /** `Intl` writes 1/1/2026, GMT-05:00, or GMT-04:56:02 in times before zones; GMT alone is zero. */
  #offsetAt(at: number): Millis {
    const text = this.#format.format(at);
    const found = /GMT(?:([+-])(\d\d):(\d\d)(?::(\d\d))?)?$/.exec(text);
    assert(found !== null, `"${text}" ends with an offset`);
    const [, sign, hours = 0, minutes = 0, seconds = 0] = found;
    const ms = (Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds)) * 1000;
    return sign === '-' ? -ms : ms;
  }
}

/**
 * The zones that somebody asked for. It remembers and holds no state beyond that: any two give the same answers.
 */
export class TimeZones {
  readonly #zones = new Map<string, TimeZone>();

  /** `name`: IANA's. Throws a `RangeError` where the runtime does not know it. */
  of(name: string): TimeZone {
    let zone = this.#zones.get(name);
    if (zone === undefined) {
      zone = new TimeZone(name);
      this.#zones.set(name, zone);
    }
    return zone;
  }
}
