/** What one piece of work took. */
export interface Took {
  readonly ms: number;
  /** User and system time of the whole process: collecting garbage counts. */
  readonly cpuMs: number;
}

export function timed(work: () => void): Took {
  const cpuBefore = process.cpuUsage();
  const startedAt = performance.now();
  work();
  const ms = performance.now() - startedAt;
  const { user, system } = process.cpuUsage(cpuBefore);
  return { ms, cpuMs: (user + system) / 1_000 };
}

export async function timedAsync(work: () => Promise<void>): Promise<Took> {
  const cpuBefore = process.cpuUsage();
  const startedAt = performance.now();
  await work();
  const ms = performance.now() - startedAt;
  const { user, system } = process.cpuUsage(cpuBefore);
  return { ms, cpuMs: (user + system) / 1_000 };
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[sorted.length >> 1] ?? NaN;
}

/** Takes of several kinds of work, by name. */
export class Takes<Name extends string> {
  readonly #takes = new Map<Name, Took[]>();

  add(name: Name, took: Took): void {
    this.#takes.set(name, [...(this.#takes.get(name) ?? []), took]);
  }

  ms(name: Name): number {
    return median((this.#takes.get(name) ?? []).map(({ ms }) => ms));
  }

  cpuMs(name: Name): number {
    return median((this.#takes.get(name) ?? []).map(({ cpuMs }) => cpuMs));
  }
}

/** Memory that is in use after a forced collection, in bytes: the heap, and what typed arrays hold beside it. */
export function usedBytes(): number {
  if (globalThis.gc === undefined) throw new Error('run node with --expose-gc');
  for (let pass = 0; pass < 3; pass++) globalThis.gc();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

/** A bench that does other work than it says is worth nothing. */
export function expectCount(what: string, found: number, expected: number): void {
  if (found !== expected) throw new Error(`bench: ${what}: ${found}, expected ${expected}`);
}
