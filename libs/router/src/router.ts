import { firstValueFrom, ReplaySubject } from 'rxjs';
import type { MetricBatch } from '@headroom/ports';
import { framesOf } from './frames.ts';
import { appendFrames, withPatience } from './deliver.ts';
import type { RouterPorts } from './router-ports.ts';
import { WantedIndex } from './wanted-index.ts';

/** Records since the start, for `/health`. */
export interface RouterStatus {
  readonly wanted: number;
  readonly unwanted: number;
  readonly notMetric: number;
  readonly rejected: number;
  readonly frames: number;
}

export interface Router {
  /** Routes metrics to the log until `signal` aborts. */
  run(signal: AbortSignal): Promise<void>;
  status(): RouterStatus;
}

/**
 * The router stage: drops what no setting asks for, and sends the rest, in frames, to the partitions of the log that need
 * it. A batch is acknowledged when all its frames are in the log and its rejected records are kept.
 */
export function createRouter(ports: RouterPorts): Router {
  const counts = { wanted: 0, unwanted: 0, notMetric: 0, rejected: 0, frames: 0 };
  return {
    async run(signal) {
      const { partitions } = await ports.signals.describe();
      const index = new WantedIndex(partitions);
      const complete$ = new ReplaySubject<void>(1);
      const unsubscribe = ports.settings.subscribe((versions) => {
        for (const version of versions) index.update(version);
        complete$.next();
      });
      const aborted = new Promise<void>((resolve) => {
        signal.addEventListener('abort', () => resolve(), { once: true });
      });
      try {
        // No source partition starts before the index is complete: what it does not know it drops.
        await Promise.race([firstValueFrom(complete$), aborted]);
        if (signal.aborted) return;
        const batch = (received: MetricBatch) => route(ports, index, received, counts, signal);
        await ports.feed.run({ wanted: index.wanted, batch }, signal);
      } finally {
        unsubscribe();
      }
    },
    status: () => ({ ...counts }),
  };
}

type Counts = { -readonly [K in keyof RouterStatus]: number };

async function route(
  ports: RouterPorts,
  index: WantedIndex,
  batch: MetricBatch,
  counts: Counts,
  signal: AbortSignal,
): Promise<void> {
  if (batch.rejected.length > 0) await keepRejected(ports, batch, signal);
  const frames = framesOf(batch, index);
  await appendFrames(ports, frames, signal);
  counts.wanted += batch.counts.wanted;
  counts.unwanted += batch.counts.unwanted;
  counts.notMetric += batch.counts.notMetric;
  counts.rejected += batch.counts.rejected;
  for (const list of frames.values()) counts.frames += list.length;
}

/** A record that cannot be read is logged with its position and kept with its reason: nothing vanishes. */
async function keepRejected(ports: RouterPorts, batch: MetricBatch, signal: AbortSignal) {
  for (const { source, sequence, index, reason } of batch.rejected) {
    ports.log.warn('record.rejected', { source, sequence, index, reason });
  }
  await withPatience('rejected', () => ports.rejected.keep(batch.rejected), ports.log, signal);
}
