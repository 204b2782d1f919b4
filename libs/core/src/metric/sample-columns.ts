import type { Instant, Millis } from '../lang/instant.ts';
import type { Sample } from './sample.ts';

/** Columns of a ring, oldest first. */
export interface SampleColumns {
  readonly times: Float64Array;
  readonly counts: Float64Array;
  readonly totals: Float64Array;
  readonly minimums: Float64Array;
  readonly maximums: Float64Array;
}

/** Called for each sample of a stretch of time, oldest first. */
export interface SampleSink {
  take(end: number, count: number, total: number, minimum: number, maximum: number): void;
}

export function columnsOfLength(length: number): SampleColumns {
  return {
    times: new Float64Array(length),
    counts: new Float64Array(length),
    totals: new Float64Array(length),
    minimums: new Float64Array(length),
    maximums: new Float64Array(length),
  };
}

/** A sample of a series that is known already. */
export type RingSample = Omit<Sample, 'series'>;

export function eachSample(
  grainMs: Millis,
  { times, counts, totals, minimums, maximums }: SampleColumns,
  visit: (sample: RingSample) => void,
): void {
  times.forEach((time, i) => {
    visit({
      time: time as Instant,
      grainMs,
      count: counts[i] ?? 0,
      total: totals[i] ?? 0,
      minimum: minimums[i] ?? 0,
      maximum: maximums[i] ?? 0,
    });
  });
}
