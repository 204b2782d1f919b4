import type { ReceivedEventData } from '@azure/event-hubs';
import type { Log, MetricHandler, PartitionCheckpoint } from '@headroom/ports';
import { MetricDecoder } from '@headroom/wire';
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

/**
 * One partition of `metrics`: decodes, hands over, and saves how far the handler has come. Reading goes on while a
 * checkpoint is saved. Partitions save at the turn of the same second, so that theirs can be written together.
 */
export class MetricReader implements PartitionWork {
  readonly #options: MetricReaderOptions;
  readonly #decoder = new MetricDecoder();
  #handled: PartitionCheckpoint | undefined;
  #savedIn = turnOf(performance.now());
  #saving: Promise<void> | undefined;
  #isLost = false;

  constructor(options: MetricReaderOptions) {
    this.#options = options;
  }

  async events(events: readonly ReceivedEventData[]): Promise<void> {
    const { source, handler, partition, signal } = this.#options;
    const batch = readMetricBatch(source, events, handler.wanted, this.#decoder);
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

  idle(): Promise<void> {
    const turn = turnOf(performance.now());
    if (turn > this.#savedIn && this.#saving === undefined) {
      this.#savedIn = turn;
      this.#saving = this.#save().finally(() => (this.#saving = undefined));
    }
    return this.#isLost ? Promise.reject(this.#lost()) : Promise.resolve();
  }

  async close(): Promise<void> {
    await this.#saving;
    await this.#save();
  }

  /** A checkpoint that cannot be saved now is saved later: what it costs is a batch read twice. */
  async #save(): Promise<void> {
    const { partition, log, source } = this.#options;
    const handled = this.#handled;
    if (handled === undefined || this.#isLost) return;
    try {
      this.#isLost = (await partition.save(handled)) === 'lost';
      if (this.#handled === handled) this.#handled = undefined;
    } catch (error) {
      log.warn('feed.checkpoint-failed', { source, sequence: handled.sequence, error });
    }
  }

  #lost(): PartitionLost {
    return new PartitionLost(`${this.#options.source} is read by another member now`);
  }
}

function turnOf(nowMs: number): number {
  return Math.floor(nowMs / checkpointIntervalMs);
}
