import { hourMs } from '@headroom/core';
import type { Instant, Millis } from '@headroom/core';
import type { CapacityChangeAt } from '../simulate.ts';

/** Instances over time: a step at each change. Asked in the order of time, it costs nothing to find the place. */
export class CapacityCurve {
  readonly #changes: CapacityChangeAt[];
  #place = 0;

  constructor(changes: readonly CapacityChangeAt[]) {
    this.#changes = [...changes];
  }

  get changes(): readonly CapacityChangeAt[] {
    return this.#changes;
  }

  /** The newest change. */
  add(at: Instant, instances: number): void {
    if (this.#changes.at(-1)?.instances !== instances) this.#changes.push({ at, instances });
  }

  /** Before the first change nothing is known. */
  at(instant: Instant): number | undefined {
    const place = this.#seek(instant);
    const change = this.#changes[place];
    return change !== undefined && change.at <= instant ? change.instances : undefined;
  }

  /**
   * What one instance had of the load of [from, to): the mean of 1/n, so that a load that did not change within the span
   * comes out exactly. Time without instances is left out; undefined where there was no other.
   */
  shareOver(from: Instant, to: Instant): number | undefined {
    let shares = 0;
    let servedMs = 0;
    let end = to;
    for (let place = this.#seek(to); place >= 0 && end > from; place--) {
      const change = this.#changes[place];
      if (change === undefined || change.at >= end) continue;
      const ms = end - Math.max(change.at, from);
      end = change.at;
      if (change.instances <= 0) continue;
      shares += ms / change.instances;
      servedMs += ms;
    }
    return servedMs > 0 ? shares / servedMs : undefined;
  }

  /** The place of the last change at or before `instant`; 0 where there is none. */
  #seek(instant: Instant): number {
    const changes = this.#changes;
    while (this.#place > 0 && (changes[this.#place]?.at ?? Infinity) > instant) this.#place--;
    while ((changes[this.#place + 1]?.at ?? Infinity) <= instant) this.#place++;
    return this.#place;
  }
}

/** Of [from, to); what was before the first change is not counted. */
export function instanceHours(
  changes: readonly CapacityChangeAt[],
  from: Instant,
  to: Instant,
): number {
  return changes.reduce((hours, { at, instances }, place) => {
    const end = Math.min(changes[place + 1]?.at ?? to, to);
    return hours + (instances * Math.max(0, end - Math.max(at, from))) / hourMs;
  }, 0);
}

/** How much of [from, to) had no instance on record. */
export function idleMs(changes: readonly CapacityChangeAt[], from: Instant, to: Instant): Millis {
  return changes.reduce((idle, { at, instances }, place) => {
    if (instances > 0) return idle;
    const end = Math.min(changes[place + 1]?.at ?? to, to);
    return idle + Math.max(0, end - Math.max(at, from));
  }, 0);
}
