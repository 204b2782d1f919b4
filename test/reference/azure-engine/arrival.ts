import { minuteMs } from '../durations.ts';
import type { Random } from '../random.ts';
import type { MetricDatabase } from './metric-database.ts';

export interface ArrivalShape {
  /** How long after its end a minute is seen, mostly. */
  readonly lagMs: number;
  /** At most so much more. */
  readonly jitterMs: number;
  /** A few minutes that come some minutes later still. */
  readonly lateSpellsPerDay: number;
  /** So long that the engine cannot read the metric, though it comes in the end. */
  readonly failuresPerMonth: number;
}

/** When the engine sees each minute of one resource. */
export class Arrival {
  readonly #random: Random;
  readonly #database: MetricDatabase;
  readonly #resource: string;
  readonly #shape: ArrivalShape;
  #lateUntil: number | undefined;

  constructor(random: Random, database: MetricDatabase, resource: string, shape: ArrivalShape) {
    this.#random = random;
    this.#database = database;
    this.#resource = resource;
    this.#shape = shape;
  }

  /** To be asked for minute after minute. */
  pass(minute: number): void {
    const { lagMs, jitterMs, lateSpellsPerDay, failuresPerMonth } = this.#shape;
    const end = this.#database.endOf(minute);
    const usual = end + lagMs + Math.floor(this.#random.next() * jitterMs);
    const late = this.#random.chance(lateSpellsPerDay / 1_440);
    const fails = this.#random.chance(failuresPerMonth / (30 * 1_440));
    if (this.#lateUntil !== undefined && end >= this.#lateUntil) this.#lateUntil = undefined;
    if (late) this.#lateUntil ??= end + this.#random.int(2, 6) * minuteMs;
    if (fails) this.#lateUntil = end + this.#random.int(25, 60) * minuteMs;
    // Everything of such a spell comes at its end.
    const at = this.#lateUntil === undefined ? usual : Math.max(usual, this.#lateUntil + lagMs);
    this.#database.arrives(this.#resource, minute, at);
  }
}
