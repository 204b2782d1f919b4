import { setImmediate } from 'node:timers/promises';
import { concatMap, defer, exhaustMap, merge, repeat, Subject, takeUntil } from 'rxjs';
import type { Subscription } from 'rxjs';
import type { FoldIdentity, LoggedEvent, PartitionFold, TopicMessage } from '@headroom/core';
import { secondMs } from '@headroom/core';
import type { OwnedPartition } from '@headroom/ports';
import { Beat } from './beat.ts';
import type { EvaluatorOptions, EvaluatorPorts } from './evaluator-ports.ts';
import { coldStart, recover } from './recovery.ts';
import type { Recovered } from './recovery.ts';
import { publishWithPatience } from './patience.ts';
import type { SettingsByPartition } from './settings-by-partition.ts';

/** Checkpoints are saved at most so often. */
const checkpointEveryMs = secondMs;

/** Re-reading what came since the last snapshot takes far less than half of the takeover goal of 10 s. */
const snapshotEveryMs = 20 * secondMs;
const snapshotEverySamples = 200_000;

const tickEveryMs = secondMs;

interface QueuedBatch {
  readonly events: readonly LoggedEvent[];
  readonly done: () => void;
  readonly failed: (error: unknown) => void;
}

/**
 * One owned partition. Two streams meet in it: batches (fold, publish, then checkpoint: the batch is acknowledged when its
 * decisions are in the topic) and beats (a tick a second, and the settings that the fold does not hold yet).
 */
export class PartitionEvaluator {
  published = 0;
  readonly #ports: EvaluatorPorts;
  readonly #options: EvaluatorOptions;
  readonly #owned: OwnedPartition;
  readonly #beat: Beat;
  readonly #batches = new Subject<QueuedBatch>();
  readonly #closed = new Subject<void>();
  readonly #stopping = new AbortController();
  readonly #subscription: Subscription;
  #fold: PartitionFold;
  #muteThrough: number;
  #checkpointed: number;
  #checkpointAtMs = 0;
  #snapshotAtMs: number;
  #snapshotSamples = 0;
  /** The batch that is being handled. Never rejects. */
  #settling: Promise<void> = Promise.resolve();
  /** The snapshot that is being saved. Never rejects. */
  #saving: Promise<void> | undefined;
  /** Set when a batch failed or the partition is another's: the fold is ahead of what is published. */
  #unsafe = false;

  private constructor(
    ports: EvaluatorPorts,
    options: EvaluatorOptions,
    owned: OwnedPartition,
    settings: SettingsByPartition,
    recovered: Recovered,
  ) {
    this.#ports = ports;
    this.#options = options;
    this.#owned = owned;
    this.#beat = new Beat(ports, owned.partition, settings);
    this.#fold = recovered.fold;
    this.#muteThrough = recovered.muteThrough;
    this.#checkpointed = owned.checkpoint ?? -1;
    // Partitions that were taken together must not save together: each begins at a place of its own in the period.
    const share = owned.partition / owned.log.partitions;
    this.#snapshotAtMs = ports.clock.monotonicMs() - share * snapshotEveryMs;
    this.#subscription = this.#pipeline();
  }

  /** Recovers the fold's state; batches follow from there. */
  static async open(
    ports: EvaluatorPorts,
    options: EvaluatorOptions,
    owned: OwnedPartition,
    settings: SettingsByPartition,
  ): Promise<PartitionEvaluator> {
    const { log, partition, checkpoint } = owned;
    const snapshot =
      checkpoint === undefined ? undefined : await ports.snapshots.load(log, partition, checkpoint);
    const identity = identityOf(owned, options);
    const recovered = recover(identity, owned, snapshot, options.judge);
    ports.log.info('partition.opened', {
      partition,
      checkpoint,
      snapshot: snapshot?.sequence,
      coldStart: recovered.cold?.reason,
    });
    return new PartitionEvaluator(ports, options, owned, settings, recovered);
  }

  get partition(): number {
    return this.#owned.partition;
  }

  get counts(): PartitionFold['counts'] {
    return this.#fold.counts;
  }

  /** Resolves when everything that the events decide is in the topic. */
  batch(events: readonly LoggedEvent[]): Promise<void> {
    return new Promise((done, failed) => {
      this.#batches.next({ events, done, failed });
    });
  }

  /** Leaves a checkpoint and a snapshot, so that the next owner starts where this one ended. */
  async close(): Promise<void> {
    this.#stopping.abort();
    this.#closed.next();
    this.#subscription.unsubscribe();
    // What a batch decided and did not publish yet is not behind the checkpoint.
    await this.#settling;
    await this.#saving;
    if (this.#unsafe || (await this.#saveCheckpoint()) === 'lost') return;
    await this.#saveSnapshot();
  }

  #pipeline(): Subscription {
    const { clock } = this.#ports;
    const { signal } = this.#stopping;
    const batches$ = this.#batches.pipe(
      concatMap((batch) => (this.#settling = this.#settle(batch))),
    );
    const beats$ = defer(() => clock.wait(tickEveryMs, signal)).pipe(
      repeat(),
      exhaustMap(() => this.#appendBeat()),
    );
    return merge(batches$, beats$).pipe(takeUntil(this.#closed)).subscribe();
  }

  async #settle({ events, done, failed }: QueuedBatch): Promise<void> {
    try {
      if (this.#unsafe) throw new Error(`partition ${this.partition} is being opened again`);
      await this.#handle(events);
      done();
    } catch (error) {
      this.#unsafe = true;
      failed(error);
    }
  }

  async #handle(events: readonly LoggedEvent[]): Promise<void> {
    const messages: TopicMessage[] = [];
    for (const event of events) {
      this.#noticeGap(event);
      const decided = await this.#apply(event);
      if (event.sequence <= this.#muteThrough) continue;
      // One by one: a hundred thousand are too many for a spread.
      for (const message of decided) messages.push(message);
    }
    if (messages.length > 0) {
      await publishWithPatience(this.#ports, messages, this.#stopping.signal);
      this.published += messages.length;
    }
    await this.#save();
  }

  /** An event after which many settings are evaluated lets others run in between: a beat, a lease, a message. */
  async #apply({ sequence, enqueuedAt, event }: LoggedEvent): Promise<readonly TopicMessage[]> {
    const steps = this.#fold.steps(sequence, enqueuedAt, [event]);
    for (;;) {
      const step = steps.next();
      if (step.done === true) return step.value;
      await setImmediate();
    }
  }

  /** Retention took what was not read yet: what it held cannot be known. */
  #noticeGap({ sequence }: LoggedEvent): void {
    const expected = this.#fold.sequence + 1;
    if (sequence <= expected) return;
    const identity = identityOf(this.#owned, this.#options);
    const reason = `the log goes from ${expected - 1} to ${sequence}`;
    const { fold, muteThrough } = coldStart(
      identity,
      this.#owned,
      sequence,
      reason,
      this.#options.judge,
    );
    this.#fold = fold;
    this.#muteThrough = muteThrough;
    this.#ports.log.warn('partition.coldStart', { partition: this.partition, reason });
  }

  async #save(): Promise<void> {
    const nowMs = this.#ports.clock.monotonicMs();
    const samples = this.#fold.counts.samples - this.#snapshotSamples;
    const isSnapshotDue =
      nowMs - this.#snapshotAtMs >= snapshotEveryMs || samples >= snapshotEverySamples;
    if (!isSnapshotDue && nowMs - this.#checkpointAtMs < checkpointEveryMs) return;
    this.#checkpointAtMs = nowMs;
    if ((await this.#saveCheckpoint()) === 'lost') {
      throw new Error(`partition ${this.partition} has another owner: it is given up`);
    }
    if (!isSnapshotDue || this.#saving !== undefined) return;
    this.#snapshotAtMs = nowMs;
    this.#snapshotSamples = this.#fold.counts.samples;
    // Not awaited: deciding goes on, whether the store is slow or away. The snapshot is of now.
    this.#saving = this.#saveSnapshot().finally(() => (this.#saving = undefined));
  }

  /** One that cannot be saved now is saved a second later: until then it costs events that are folded again. */
  async #saveCheckpoint(): Promise<'saved' | 'lost' | 'failed'> {
    const { sequence } = this.#fold;
    if (sequence <= this.#checkpointed) return 'saved';
    try {
      const saved = await this.#owned.saveCheckpoint(sequence);
      if (saved === 'saved') this.#checkpointed = sequence;
      return saved;
    } catch (error) {
      const { partition } = this;
      this.#ports.log.warn('partition.checkpointUnsaved', { partition, sequence, error });
      return 'failed';
    }
  }

  /** Only states at or before the checkpoint are of use: what comes after was perhaps not published. */
  async #saveSnapshot(): Promise<void> {
    const { sequence } = this.#fold;
    if (sequence < 0 || sequence > this.#checkpointed) return;
    try {
      await this.#ports.snapshots.save(this.#owned.log, this.partition, this.#fold.snapshot());
    } catch (error) {
      // A successor reads more of the log; nothing is lost.
      const { partition } = this;
      this.#ports.log.warn('partition.snapshotUnsaved', { partition, sequence, error });
    }
  }

  async #appendBeat(): Promise<void> {
    if (this.#stopping.signal.aborted) return;
    await this.#beat.append(this.#fold, this.#fold.sequence >= this.#owned.lastSequence);
  }
}

function identityOf({ log, partition }: OwnedPartition, options: EvaluatorOptions): FoldIdentity {
  return { logId: log.logId, partition, codeVersion: options.codeVersion };
}
