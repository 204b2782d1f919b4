import type { Instant, Millis, Reason } from '@headroom/core';
import type { BesideInForce, ComparedSide, DifferingCounts, WantedCount } from './comparison.ts';

/** Most stretches of a day that are told one by one. */
export const tellingMax = 4;

/** What one side did on a day, as it adds up. */
export class SideCounts {
  readonly #shadow: string | undefined;
  readonly #heldMs = new Map<Reason, Millis>();
  #scaleOuts = 0;
  #scaleIns = 0;
  #again = 0;
  #knownMs = 0;
  #bothMs = 0;
  #differsMs = 0;
  #moreInstanceMs = 0;
  #times = 0;
  #telling: readonly DifferingCounts[] = [];

  constructor(shadow: string | undefined) {
    this.#shadow = shadow;
  }

  moved(outcome: 'ScaleOut' | 'ScaleIn'): void {
    if (outcome === 'ScaleOut') this.#scaleOuts++;
    else this.#scaleIns++;
  }

  movedAgain(): void {
    this.#again++;
  }

  found(held: Reason | undefined, ms: Millis): void {
    this.#knownMs += ms;
    if (held !== undefined) this.#heldMs.set(held, (this.#heldMs.get(held) ?? 0) + ms);
  }

  wanted(inForce: number, shadow: number, ms: Millis): void {
    this.#bothMs += ms;
    if (inForce === shadow) return;
    this.#differsMs += ms;
    this.#moreInstanceMs += (shadow - inForce) * ms;
  }

  /** Told once it is over. */
  differed(stretch: DifferingCounts): void {
    this.#times++;
    this.#telling = mostTelling([...this.#telling, stretch]);
  }

  /** Adds up another day's. */
  add(day: ComparedSide): void {
    this.#scaleOuts += day.scaleOuts;
    this.#scaleIns += day.scaleIns;
    this.#again += day.again;
    this.#knownMs += day.knownMs;
    for (const [reason, ms] of Object.entries(day.heldMs) as [Reason, Millis][]) {
      this.#heldMs.set(reason, (this.#heldMs.get(reason) ?? 0) + ms);
    }
    if (day.beside === undefined) return;
    this.#bothMs += day.beside.bothMs;
    this.#differsMs += day.beside.differsMs;
    this.#moreInstanceMs += day.beside.moreInstanceMs;
    this.#times += day.beside.times;
    this.#telling = mostTelling([...this.#telling, ...day.beside.telling]);
  }

  get(): ComparedSide {
    const held = [...this.#heldMs].sort(([, a], [, b]) => b - a);
    return {
      ...(this.#shadow === undefined ? {} : { shadow: this.#shadow, beside: this.#beside() }),
      scaleOuts: this.#scaleOuts,
      scaleIns: this.#scaleIns,
      again: this.#again,
      knownMs: this.#knownMs,
      heldMs: Object.fromEntries(held),
    };
  }

  #beside(): BesideInForce {
    return {
      bothMs: this.#bothMs,
      differsMs: this.#differsMs,
      moreInstanceMs: this.#moreInstanceMs,
      times: this.#times,
      telling: this.#telling,
    };
  }
}

/** The first one says how it began, the others where it matters. In order of time. */
function mostTelling(stretches: readonly DifferingCounts[]): readonly DifferingCounts[] {
  const [first, ...others] = stretches.toSorted((a, b) => a.from - b.from);
  if (first === undefined) return [];
  const largest = others.sort((a, b) => weightOf(b) - weightOf(a)).slice(0, tellingMax - 1);
  return [first, ...largest.sort((a, b) => a.from - b.from)];
}

function weightOf({ from, until, inForce, shadow }: DifferingCounts): number {
  return Math.abs(shadow.count - inForce.count) * (until - from);
}

/** A stretch that goes on. */
export class Stretch {
  readonly from: Instant;
  readonly #inForce: WantedCount;
  readonly #shadow: WantedCount;

  constructor(from: Instant, inForce: WantedCount, shadow: WantedCount) {
    this.from = from;
    this.#inForce = inForce;
    this.#shadow = shadow;
  }

  ended(until: Instant): DifferingCounts {
    return { from: this.from, until, inForce: this.#inForce, shadow: this.#shadow };
  }
}
