import type { LimitRecord } from './limit-scan.ts';

/** Buckets of one minute for all series, a slab a statistic. */
export class LimitWindows {
  readonly buckets: number;
  readonly averages: Float32Array;
  readonly totals: Float32Array;
  readonly minimums: Float32Array;
  readonly maximums: Float32Array;
  /** 0: the bucket is empty. */
  readonly counts: Uint16Array;
  /** The newest minute of each series. */
  readonly newest: Int32Array;

  constructor(series: number, buckets: number) {
    this.buckets = buckets;
    this.averages = new Float32Array(series * buckets);
    this.totals = new Float32Array(series * buckets);
    this.minimums = new Float32Array(series * buckets);
    this.maximums = new Float32Array(series * buckets);
    this.counts = new Uint16Array(series * buckets);
    this.newest = new Int32Array(series);
  }

  get bytes(): number {
    return 4 * this.averages.byteLength + this.counts.byteLength + this.newest.byteLength;
  }

  /** Minutes that were skipped are emptied; a late record fills its bucket. */
  put(series: number, record: LimitRecord): void {
    const first = series * this.buckets;
    const { minute } = record;
    const newest = this.newest[series] ?? 0;
    if (minute > newest) {
      if (minute - newest >= this.buckets) this.counts.fill(0, first, first + this.buckets);
      else for (let m = newest + 1; m < minute; m++) this.counts[first + (m % this.buckets)] = 0;
      this.newest[series] = minute;
    } else if (newest - minute >= this.buckets) {
      return;
    }
    const bucket = first + (minute % this.buckets);
    this.averages[bucket] = record.average;
    this.counts[bucket] = record.count;
    this.totals[bucket] = record.total;
    this.minimums[bucket] = record.minimum;
    this.maximums[bucket] = record.maximum;
  }
}
