import type { MetricRead } from '@headroom/ports';

/** Series of a metric of a resource that a first question leaves room for; Azure's own default of ten is soon too small. */
const topFirst = 50;
const topMin = 4;
/** Most series of one metric of a resource: a rule that is to look at more is better asked otherwise. */
export const topMax = 1000;
/** Metrics whose number of series is remembered. */
const rememberedMax = 10_000;

/** How many series metrics came with: an answer that is to hold them all needs room for them, and room is points. */
export class SeriesSeen {
  readonly #most = new Map<string, number>();

  /** Room for twice as many as ever came: instances come and go. */
  topFor({
    namespace,
    metrics,
    split,
  }: Pick<MetricRead, 'namespace' | 'metrics' | 'split'>): number {
    if (split.length === 0) return 1;
    const most = metrics.map((metric) => this.#most.get(keyOf(namespace, metric, split)));
    if (most.includes(undefined)) return topFirst;
    return Math.min(topMax, Math.max(topMin, ...most.map((seen = 0) => 2 * seen)));
  }

  saw({ namespace, split }: Pick<MetricRead, 'namespace' | 'split'>, metric: string, n: number) {
    const key = keyOf(namespace, metric, split);
    const known = this.#most.get(key);
    if (known !== undefined && known >= n) return;
    if (known === undefined && this.#most.size >= rememberedMax) this.#most.clear();
    this.#most.set(key, n);
  }
}

function keyOf(namespace: string, metric: string, split: readonly string[]): string {
  return [namespace, metric, ...split].join('\n').toLowerCase();
}
