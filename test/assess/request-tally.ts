import type { RequestWitness } from '@headroom/local-azure';

/** Every request that the embedded Azure met, counted at the server. */
export class RequestTally {
  #counts = new Map<string, number>();

  readonly witness: RequestWitness = ({ method, path }) => {
    const key = `${method} ${routeOf(path)}`;
    this.#counts.set(key, (this.#counts.get(key) ?? 0) + 1);
  };

  clear(): void {
    this.#counts = new Map();
  }

  total(): number {
    return [...this.#counts.values()].reduce((sum, count) => sum + count, 0);
  }

  /** `GET metrics: 12`, the most first. */
  lines(): readonly string[] {
    const sorted = [...this.#counts].sort(([, a], [, b]) => b - a);
    return sorted.map(([key, count]) => `${key}: ${count}`);
  }

  /** What may have written: all but GET and HEAD, the batch of metrics, and signing in. */
  writes(): readonly string[] {
    const reads = /^(GET|HEAD) |^POST (metrics:getBatch|token)$/;
    return this.lines().filter((line) => !reads.test(line.replace(/: \d+$/, '')));
  }
}

/** The last word of the path: what is asked for. */
function routeOf(path: string): string {
  return path.split('/').at(-1) ?? '';
}
