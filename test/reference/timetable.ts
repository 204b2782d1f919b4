interface Entry<Event> {
  readonly at: number;
  readonly make: () => readonly Event[];
}

/** What is to happen, by its time; of one time in the order of planning. */
export class Timetable<Event> {
  readonly #entries: Entry<Event>[] = [];
  #sorted = true;

  plan(at: number, make: () => readonly Event[]): void {
    this.#entries.push({ at, make });
    this.#sorted = false;
  }

  /** Everything of the next instant. */
  take(): { readonly at: number; readonly events: readonly Event[] } | undefined {
    // Newest first: what comes next is at the end.
    if (!this.#sorted) {
      this.#entries.reverse();
      this.#entries.sort((a, b) => b.at - a.at);
    }
    this.#sorted = true;
    const at = this.#entries.at(-1)?.at;
    if (at === undefined) return undefined;
    const events: Event[] = [];
    while (this.#entries.at(-1)?.at === at) events.push(...this.#entries.pop()!.make());
    return { at, events };
  }
}
