import type { ReceivedEventData } from '@azure/event-hubs';
import type { Log, MetricHandler, PartitionCheckpoint } from '@headroom/ports';
import { performance } from 'node:perf_hooks';
import { PartitionLost } from './errors.ts';
import { readMetricBatch } from './metric-batch.ts';
import type { PartitionWork, TakenPartition } from './partition-run.ts';
import { whileUnavailable } from './while-unavailable.ts';

export interface MetricReaderOptions {
  /** Names the hub and the partition. */
  readonly source: string;
  readonly partition: TakenPartition;
  readonly handler: MetricHandler;
  readonly signal: AbortSignal;
  readonly log: Log;
}

const checkpointIntervalMs = 1000;

/** One partition of `metrics`: decodes, hands over, and saves how far the handler has come. */
export class MetricReader implements PartitionWork {
  readonly #options: MetricReaderOptions;
  #handled: PartitionCheckpoint | undefined;
  #savedAtMs = performance.now();

  constructor(options: MetricReaderOptions) {
    this.#options = options;
  }

  async events(events: readonly ReceivedEventData[]): Promise<void> {
    const { source, handler, partition, signal } = this.#options;
    const batch = readMetricBatch(source, events, handler.wanted);
    await whileUnavailable(() => handler.batch(batch), signal);
    const last = events.at(-1);
    if (last === undefined) return;
    this.#handled = {
      partition: partition.id,
      sequence: last.sequenceNumber,
      offset: last.offset,
    };
    await this.idle();
  }

  async idle(): Promise<void> {
    if (performance.now() - this.#savedAtMs >= checkpointIntervalMs) await this.#save();
  }

  close(): Promise<void> {
    return this.#save();
  }

  /** A checkpoint that cannot be saved now is saved later: what it costs is a batch read twice. */
  async #save(): Promise<void> {
    const { partition, log, source } = this.#options;
    const handled = this.#handled;
    if (handled === undefined) return;
    this.#savedAtMs = performance.now();
    const saved = await partition.save(handled).catch((error: unknown) => {
      log.warn('feed.checkpoint-failed', { source, sequence: handled.sequence, error });
      return 'failed';
    });
    if (saved !== 'failed' && this.#handled === handled) this.#handled = undefined;
    if (saved === 'lost') throw new PartitionLost(`${source} is read by another member now`);
  }
}
