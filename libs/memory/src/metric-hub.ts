import { keyHash, spread } from '@headroom/core';
import type { IngestPath, PositionedSample, Sample, WantedKey } from '@headroom/core';
import type {
  Clock,
  MetricBatch,
  MetricFeed,
  MetricHandler,
  RejectedRecord,
  SampleGroup,
  SamplePublisher,
} from '@headroom/ports';
import { Group } from './group.ts';
import type { GroupReader, Member } from './member.ts';
import type { Entry } from './partition-log.ts';

/** What one message of a producer holds, decoded already. */
export interface MetricMessage {
  readonly samples: readonly Sample[];
  readonly path?: IngestPath;
  /** Records that cannot be read, with the reason; they come after the samples. */
  readonly unreadable?: readonly { readonly reason: string; readonly excerpt: string }[];
  /** Records that are no metric. */
  readonly notMetric?: number;
}

interface MetricEntry extends Entry {
  readonly message: MetricMessage;
}

/** The hub `metrics` in memory: whole messages, whose wanted samples the members of one group get. */
export class MemoryMetricHub {
  readonly #group: Group<MetricEntry>;
  readonly #clock: Pick<Clock, 'now'>;
  readonly #name: string;

  constructor(options: { partitions: number; clock: Pick<Clock, 'now'>; name?: string }) {
    this.#group = new Group(options.partitions);
    this.#clock = options.clock;
    this.#name = options.name ?? 'metrics';
  }

  publish(partition: number, message: MetricMessage): void {
    const log = this.#group.partition(partition);
    log.append(this.#clock.now(), (place) => ({ ...place, message }));
    this.#group.appended();
  }

  publisher(): SamplePublisher {
    return {
      publish: (samples, { path, key }) => {
        if (samples.length > 0) {
          this.publish(spread(key) % this.#group.logs.length, { samples, path });
        }
        return Promise.resolve();
      },
    };
  }

  /** A member moved by hand. */
  join(handler: MetricHandler): Member {
    return this.#group.join((partition) => Promise.resolve(this.#reader(partition, handler)));
  }

  /** A member that reads by itself. */
  feed(): MetricFeed {
    return {
      run: (handler, signal) =>
        this.#group.run((partition) => Promise.resolve(this.#reader(partition, handler)), signal),
    };
  }

  /** Checkpoints when the handler resolved, so that a rejected batch comes again. */
  #reader(partition: number, handler: MetricHandler): GroupReader<MetricEntry> {
    const source = `${this.#name}/${partition}`;
    return {
      from: (this.#group.checkpoint(partition) ?? -1) + 1,
      batch: async (entries) => {
        const last = entries.at(-1);
        const first = entries[0];
        if (first === undefined || last === undefined) return;
        await handler.batch(batchOf(source, first, last, entries, handler.wanted));
        this.#group.saveCheckpoint(partition, last.sequence);
      },
      close: () => Promise.resolve(),
    };
  }
}

function batchOf(
  source: string,
  first: MetricEntry,
  last: MetricEntry,
  entries: readonly MetricEntry[],
  wanted: WantedKey,
): MetricBatch {
  const groups = entries.map((entry) => groupOf(entry, wanted));
  const rejected = entries.flatMap((entry) => rejectedOf(source, entry));
  const total = sum(entries.map(({ message }) => message.samples.length));
  const kept = sum(groups.map(({ samples }) => samples.length));
  return {
    source,
    firstSequence: first.sequence,
    lastSequence: last.sequence,
    lastEnqueuedAt: last.enqueuedAt,
    groups: groups.filter(({ samples }) => samples.length > 0),
    rejected,
    counts: {
      wanted: kept,
      unwanted: total - kept,
      notMetric: sum(entries.map(({ message }) => message.notMetric ?? 0)),
      rejected: rejected.length,
    },
  };
}

function groupOf({ sequence, message }: MetricEntry, wanted: WantedKey): SampleGroup {
  const samples = message.samples
    .map((sample, index): PositionedSample => ({ sample, position: { sequence, index } }))
    .filter(({ sample: { series } }) => {
      const { high, low } = keyHash(series.resource, series.metric);
      return wanted(high, low);
    });
  return { path: message.path ?? 'push', samples };
}

function rejectedOf(source: string, { sequence, message }: MetricEntry): RejectedRecord[] {
  const first = message.samples.length;
  return (message.unreadable ?? []).map((record, index) => ({
    source,
    sequence,
    index: first + index,
    ...record,
  }));
}

function sum(counts: readonly number[]): number {
  return counts.reduce((total, count) => total + count, 0);
}
