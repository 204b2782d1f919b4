import type { Millis } from '../lang/instant.ts';
import type { IngestPath, SeriesKey } from '../metric/sample.ts';
import type { SampleColumns } from '../metric/sample-columns.ts';

/** The ring of one series at one grain; columns have one entry a sample, oldest first, times in epoch milliseconds. */
export interface SeriesSnapshot extends SampleColumns {
  readonly key: SeriesKey;
  readonly grainMs: Millis;
  readonly path: IngestPath;
}
