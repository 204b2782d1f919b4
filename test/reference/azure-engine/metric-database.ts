import { minuteMs } from '../durations.ts';

export interface SeriesName {
  readonly resource: string;
  readonly namespace: string;
  readonly metric: string;
  readonly dimensions: Readonly<Record<string, string>>;
}

/** What a minute of a series holds; a minute without a measurement has none. */
export interface Measured {
  readonly count: number;
  readonly total: number;
  readonly minimum: number;
  readonly maximum: number;
}

/** One series, minute by minute. */
export class Series {
  readonly name: SeriesName;
  readonly #figures: Float64Array;
  readonly minutes: number;

  constructor(name: SeriesName, minutes: number) {
    this.name = name;
    this.minutes = minutes;
    this.#figures = new Float64Array(minutes * 4);
  }

  /** Adds to what the minute holds. */
  add(minute: number, { count, total, minimum, maximum }: Measured): void {
    const at = minute * 4;
    const figures = this.#figures;
    const isNew = figures[at] === 0;
    figures[at]! += count;
    figures[at + 1]! += total;
    figures[at + 2] = isNew ? minimum : Math.min(figures[at + 2]!, minimum);
    figures[at + 3] = isNew ? maximum : Math.max(figures[at + 3]!, maximum);
  }

  at(minute: number): Measured | undefined {
    if (!this.has(minute)) return undefined;
    const sum = { count: 0, total: 0, minimum: Infinity, maximum: -Infinity };
    this.addTo(sum, minute, minute);
    return sum;
  }

  /** Adds up what the minutes from the first to the last hold. */
  addTo(sum: { -readonly [Name in keyof Measured]: number }, first: number, last: number): void {
    const figures = this.#figures;
    for (let at = first * 4; at <= last * 4; at += 4) {
      if (figures[at] === 0) continue;
      sum.count += figures[at]!;
      sum.total += figures[at + 1]!;
      sum.minimum = Math.min(sum.minimum, figures[at + 2]!);
      sum.maximum = Math.max(sum.maximum, figures[at + 3]!);
    }
  }

  has(minute: number): boolean {
    return this.#figures[minute * 4]! > 0;
  }
}

/**
 * What Azure Monitor holds of the metrics around one setting. A minute is there when it has ended, and the engine sees it when
 * it has arrived: a lag later, of each resource its own. Minutes arrive in order.
 */
export class MetricDatabase {
  readonly begin: number;
  readonly minutes: number;
  readonly #series = new Map<string, Series>();
  readonly #arrivals = new Map<string, Float64Array>();

  constructor(begin: number, minutes: number) {
    this.begin = begin;
    this.minutes = minutes;
  }

  series(name: SeriesName): Series {
    const key = JSON.stringify(name);
    const known = this.#series.get(key);
    if (known !== undefined) return known;
    const made = new Series(name, this.minutes);
    this.#series.set(key, made);
    return made;
  }

  all(): readonly Series[] {
    return [...this.#series.values()];
  }

  of(resource: string, metric: string): readonly Series[] {
    return this.all().filter(({ name }) => name.resource === resource && name.metric === metric);
  }

  /** How many series there are: it only grows. */
  get size(): number {
    return this.#series.size;
  }

  /** A minute of a resource is seen from `at` on, but not before the minute before it. */
  arrives(resource: string, minute: number, at: number): void {
    const arrivals = this.#arrivals.get(resource) ?? new Float64Array(this.minutes).fill(Infinity);
    this.#arrivals.set(resource, arrivals);
    const before = arrivals[minute - 1] ?? Infinity;
    // The first one of a resource that was made later waits for none.
    arrivals[minute] = before === Infinity ? at : Math.max(at, before);
  }

  /** The last minute of the resource that is seen at `now`, or -1. */
  seen(resource: string, now: number): number {
    const arrivals = this.#arrivals.get(resource);
    if (arrivals === undefined) return -1;
    let minute = Math.min(this.minutes, Math.floor((now - this.begin) / minuteMs)) - 1;
    while (minute >= 0 && arrivals[minute]! > now) minute--;
    return minute;
  }

  endOf(minute: number): number {
    return this.begin + (minute + 1) * minuteMs;
  }
}
