import type { Instant } from '@headroom/core';

/** Things that rise in time, taken one by one when their time has come. */
export class Coming<Thing extends { readonly at: Instant }> {
  readonly #things: Iterator<Thing, undefined>;
  #next: Thing | undefined;

  constructor(things: Iterable<Thing, undefined>) {
    this.#things = things[Symbol.iterator]();
    this.#next = this.#things.next().value;
  }

  /** Of the next; infinite after the last. */
  get at(): number {
    return this.#next?.at ?? Infinity;
  }

  takeUntil(at: Instant): Thing | undefined {
    const taken = this.#next;
    if (taken === undefined || taken.at > at) return undefined;
    this.#next = this.#things.next().value;
    return taken;
  }
}
