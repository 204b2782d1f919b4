import type { Millis } from '../lang/instant.ts';
import type { MetricSeries } from '../evaluation/metric-series.ts';
import type { AskedMetric } from '../setting/metric-keys.ts';

/** The series of one metric and who reads them: one setting as a rule, so that one is kept without a map. */
export class WatchedSeries<Reader> {
  readonly series: MetricSeries;
  /** Another metric of the same resource. */
  next: WatchedSeries<Reader> | undefined;
  #one: readonly [Reader] | undefined;
  #many: Map<Reader, Reach> | undefined;

  constructor(series: MetricSeries) {
    this.series = series;
  }

  /** Who asks. */
  get readers(): Iterable<Reader> {
    return this.#one ?? this.#many?.keys() ?? [];
  }

  get isAsked(): boolean {
    return this.#one !== undefined || this.#many !== undefined;
  }

  ask(reader: Reader, { windowMs, lastGoodMs }: AskedMetric): void {
    const reach = { windowMs, lastGoodMs };
    if (this.#many === undefined && (this.#one === undefined || this.#one[0] === reader)) {
      this.#one = [reader];
      this.#reach(reach);
      return;
    }
    const many = this.#asMany();
    const before = many.get(reader);
    many.set(reader, reach);
    if (before === undefined) this.#reach(longest([reach, this.#reached()]));
    else this.#reach(longest(many.values()));
  }

  drop(reader: Reader): void {
    if (this.#one?.[0] === reader) this.#one = undefined;
    if (this.#many?.delete(reader) !== true) return;
    if (this.#many.size === 0) this.#many = undefined;
    else this.#reach(longest(this.#many.values()));
  }

  #asMany(): Map<Reader, Reach> {
    this.#many ??= new Map((this.#one ?? []).map((reader) => [reader, this.#reached()]));
    this.#one = undefined;
    return this.#many;
  }

  #reached(): Reach {
    return { windowMs: this.series.retentionMs, lastGoodMs: this.series.lastGoodMs };
  }

  #reach({ windowMs, lastGoodMs }: Reach): void {
    this.series.retentionMs = windowMs;
    this.series.lastGoodMs = lastGoodMs;
  }
}

/** How far back somebody looks. */
interface Reach {
  readonly windowMs: Millis;
  readonly lastGoodMs: Millis;
}

function longest(reaches: Iterable<Reach>): Reach {
  let windowMs = 0;
  let lastGoodMs = 0;
  for (const reach of reaches) {
    windowMs = Math.max(windowMs, reach.windowMs);
    lastGoodMs = Math.max(lastGoodMs, reach.lastGoodMs);
  }
  return { windowMs, lastGoodMs };
}
