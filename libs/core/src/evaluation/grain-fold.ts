import { absentCount } from '../metric/cell-pages.ts';
import type { CellPage } from '../metric/cell-pages.ts';
import { blockGrains, blockOf } from '../metric/dense-samples.ts';
import type { MetricTrigger } from '../setting/autoscale-setting.ts';
import type { BlockSums } from './block-sums.ts';

/** Grains in a cell each, by absolute index modulo the page's capacity; see `CellPage`. */
export interface GrainCells {
  readonly page: Pick<CellPage, 'capacity' | 'counts' | 'values'>;
  readonly place: number;
  /** Cells beyond these hold anything. */
  readonly first: number;
  readonly last: number;
}

/**
 * Combines the grains of one window: instances by `statistic` within a grain, then grains by `timeAggregation`,
 * unweighted. Grains are added in an order that absolute indexes fix: ascending within each block of 32, then the blocks'
 * sums ascending. So a sum does not depend on what was read before, and one that is kept is the one that would be made.
 */
export class GrainFold {
  /** Grains that hold a sample. */
  present = 0;
  /** Grains that have a value: an average of no measurements has none. */
  valued = 0;
  #combined: number;
  readonly #cells: GrainCells;
  readonly #trigger: MetricTrigger;
  readonly #countsAt: number;
  readonly #valuesAt: number;
  readonly #ofCounts: boolean;
  readonly #isMean: boolean;
  readonly #way: Way;

  constructor(cells: GrainCells, trigger: MetricTrigger) {
    const { statistic, timeAggregation } = trigger;
    const { place, page } = cells;
    const column = statistic === 'Min' ? 1 : statistic === 'Max' ? 2 : 0;
    this.#cells = cells;
    this.#trigger = trigger;
    this.#countsAt = place * page.capacity;
    this.#valuesAt = (3 * place + column) * page.capacity;
    this.#ofCounts = statistic === 'Count';
    this.#isMean = statistic === 'Average';
    this.#way = wayOf(timeAggregation);
    this.#combined = neutral[this.#way];
  }

  /** Takes the grains with the indexes from … to. `kept`: what whole blocks came to before. */
  take(from: number, to: number, kept?: BlockSums): this {
    const end = Math.min(to, this.#cells.last);
    let at = Math.max(from, this.#cells.first);
    if (kept !== undefined) {
      const firstWhole = blockOf(at + blockGrains - 1);
      const afterWhole = Math.max(firstWhole, blockOf(end + 1));
      this.#takeRuns(at, Math.min(end, firstWhole * blockGrains - 1));
      this.#takeKept(firstWhole, afterWhole, kept);
      at = Math.max(at, afterWhole * blockGrains);
    }
    this.#takeRuns(at, end);
    return this;
  }

  /** The window's value; undefined where no grain has one. May be infinite. */
  get value(): number | undefined {
    const { timeAggregation } = this.#trigger;
    if (this.valued === 0) return undefined;
    if (timeAggregation === 'Count') return this.valued;
    return timeAggregation === 'Average' ? this.#combined / this.valued : this.#combined;
  }

  #takeRuns(from: number, to: number): void {
    for (let at = from; at <= to; at = (blockOf(at) + 1) * blockGrains) {
      this.#takeRun(at, Math.min(to, (blockOf(at) + 1) * blockGrains - 1));
    }
  }

  /** Whole blocks from … before `end`. */
  #takeKept(from: number, end: number, kept: BlockSums): void {
    const { rows } = kept;
    let combined = this.#combined;
    for (let block = from; block < end; block++) {
      const row = kept.rowOf(block) ?? this.#keep(block, kept);
      const valued = rows[row + 2] ?? 0;
      this.present += rows[row + 3] ?? 0;
      this.valued += valued;
      if (valued > 0) combined = join(this.#way, combined, rows[row + 1] ?? 0);
    }
    this.#combined = combined;
  }

  #keep(block: number, kept: BlockSums): number {
    const one = new GrainFold(this.#cells, this.#trigger);
    one.#takeRun(block * blockGrains, (block + 1) * blockGrains - 1);
    return kept.keep(block, one.#combined, one.valued, one.present);
  }

  /** Grains of one block, ascending. This is the innermost loop of the system. */
  #takeRun(from: number, to: number): void {
    const { counts, values, capacity } = this.#cells.page;
    const way = this.#way;
    const isMean = this.#isMean;
    let combined: number = neutral[way];
    let valued = 0;
    let present = 0;
    let slot = from % capacity;
    for (let left = to - from; left >= 0; left--) {
      const count = counts[this.#countsAt + slot] ?? absentCount;
      if (count >= 0) {
        present++;
        if (count > 0 || !isMean) {
          valued++;
          const value = this.#ofCounts ? count : (values[this.#valuesAt + slot] ?? 0);
          combined = join(way, combined, isMean ? value / count : value);
        }
      }
      slot = slot + 1 === capacity ? 0 : slot + 1;
    }
    this.present += present;
    this.valued += valued;
    if (valued > 0) this.#combined = join(way, this.#combined, combined);
  }
}

/** Of two, older first: 0 their sum, 1 the least, 2 the greatest, 3 the newest. */
type Way = 0 | 1 | 2 | 3;

const neutral = [0, Infinity, -Infinity, 0] as const;

function wayOf(aggregation: MetricTrigger['timeAggregation']): Way {
  if (aggregation === 'Average' || aggregation === 'Total') return 0;
  if (aggregation === 'Minimum') return 1;
  return aggregation === 'Maximum' ? 2 : 3;
}

function join(way: Way, older: number, newer: number): number {
  if (way === 0) return older + newer;
  if (way === 1) return Math.min(older, newer);
  return way === 2 ? Math.max(older, newer) : newer;
}
