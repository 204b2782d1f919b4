import type { MetricRead } from '@headroom/ports';

/** Series of each metric of a resource that a first question leaves room for; Azure's own default of ten is soon too small. */
const topFirst = 50;
const topMin = 4;
/** Most series of a resource in one answer: a rule that is to look at more is better asked otherwise. */
export const topMax = 1000;
/** Metrics whose number of series is remembered. */
const rememberedMax = 10_000;

/** How many series metrics came with: an answer that is to hold them all needs room for them, and room is points. */
export class SeriesSeen {
  readonly #most = new Map<string, number>();

  /**
   * Room for twice as many as ever came: instances come and go. Microsoft's reference has it as the most series "per resource ID" (Metrics
   * Batch - Batch): the metrics share it.
   */
  topFor({
    namespace,
    metrics,
    split,
  }: Pick<MetricRead, 'namespace' | 'metrics' | 'split'>): number {
    if (split.length === 0) return metrics.length;
    const rooms = metrics.map((metric) => {
      const most = this.#most.get(keyOf(namespace, metric, split));
      return most === undefined ? topFirst : Math.max(topMin, 2 * most);
    });
    return Math.min(
      topMax,
      rooms.reduce((sum, room) => sum + room, 0),
    );
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
