import type { Random } from '../random.ts';

export interface DemandShape {
  /** Instances that are busy throughout, on average. */
  readonly base: number;
  /** How many more at the height of the day. */
  readonly daily: number;
  /** Hour (UTC) of that height. */
  readonly peakHour: number;
  /** What is left of the daily part at weekends, 0 to 1. */
  readonly weekend: number;
  readonly burstsPerDay: number;
  /** Instances that a burst keeps busy at most. */
  readonly burst: number;
  /** Relative deviation that comes and goes within minutes. */
  readonly noise: number;
}

interface Burst {
  readonly from: number;
  readonly until: number;
  readonly height: number;
}

const rampMinutes = 4;
/** How much of a minute's deviation is left in the next. */
const memory = 0.8;

/** How many instances would be fully busy, minute by minute: days, weeks, bursts and noise. */
export class Demand {
  readonly #random: Random;
  readonly #shape: DemandShape;
  readonly #begin: number;
  #bursts: Burst[] = [];
  #deviation = 0;

  constructor(random: Random, shape: DemandShape, begin: number) {
    this.#random = random;
    this.#shape = shape;
    this.#begin = begin;
  }

  /** To be asked for minute after minute. */
  at(minute: number): number {
    const { base, noise } = this.#shape;
    this.#startBurst(minute);
    const shock = this.#random.next() * 2 - 1;
    this.#deviation = memory * this.#deviation + noise * shock;
    const smooth = base + this.#dailyPart(minute) + this.#burstPart(minute);
    return Math.max(0, smooth * (1 + this.#deviation));
  }

  #dailyPart(minute: number): number {
    const { daily, peakHour, weekend } = this.#shape;
    const now = new Date(this.#begin + minute * 60_000);
    const hour = now.getUTCHours() + now.getUTCMinutes() / 60;
    const height = (1 + Math.cos(((hour - peakHour) / 24) * 2 * Math.PI)) / 2;
    const isWeekend = now.getUTCDay() === 0 || now.getUTCDay() === 6;
    return daily * height ** 2 * (isWeekend ? weekend : 1);
  }

  #startBurst(minute: number): void {
    const { burstsPerDay, burst } = this.#shape;
    this.#bursts = this.#bursts.filter(({ until }) => until > minute);
    if (!this.#random.chance(burstsPerDay / 1_440)) return;
    const height = burst * (0.3 + 0.7 * this.#random.next());
    this.#bursts.push({ from: minute, until: minute + this.#random.int(8, 90), height });
  }

  #burstPart(minute: number): number {
    let sum = 0;
    for (const { from, until, height } of this.#bursts) {
      const ramp = Math.min(1, (minute - from + 1) / rampMinutes, (until - minute) / rampMinutes);
      sum += height * ramp;
    }
    return sum;
  }
}
