/** What a subject did, in order, and a way to wait for it: with a deadline, never with a sleep. */
export class Witness<T> {
  readonly seen: T[] = [];
  readonly #waiting = new Set<() => void>();

  add(item: T): void {
    this.seen.push(item);
    this.wake();
  }

  /** For conditions that look at more than what was seen. */
  wake(): void {
    for (const check of [...this.#waiting]) check();
  }

  /** Resolves as soon as the condition holds; rejects, telling what was seen last, when it does not in time. */
  async until(
    condition: (seen: readonly T[]) => boolean,
    what: string,
    deadlineMs = 15_000,
  ): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<undefined>();
    const check = (): void => {
      if (condition(this.seen)) resolve(undefined);
    };
    const tell = (): void => {
      const last = JSON.stringify(this.seen.slice(-5));
      reject(new Error(`not within ${deadlineMs} ms: ${what}; seen ${this.seen.length}: ${last}`));
    };
    const deadline = setTimeout(tell, deadlineMs);
    this.#waiting.add(check);
    check();
    try {
      await promise;
    } finally {
      clearTimeout(deadline);
      this.#waiting.delete(check);
    }
  }
}
