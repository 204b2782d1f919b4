import { concatMap, defer, exhaustMap, merge, repeat, Subject, takeUntil } from 'rxjs';
import type { Subscription } from 'rxjs';
import type {
  FoldIdentity,
  LogEvent,
  LoggedEvent,
  PartitionFold,
  TopicMessage,
} from '@headroom/core';
import { secondMs } from '@headroom/core';
import type { OwnedPartition } from '@headroom/ports';
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

/** A setting that was appended and is not folded after this is appended again. */
const settingPatienceMs = 10 * secondMs;

/** Settings appended at one beat; the rest follows at the next. */
const settingsPerBeatMax = 500;

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
  readonly #settings: SettingsByPartition;
  readonly #batches = new Subject<QueuedBatch>();
  readonly #closed = new Subject<void>();
  readonly #stopping = new AbortController();
  readonly #subscription: Subscription;
  readonly #appended = new Map<string, { readonly version: number; readonly atMs: number }>();
  #fold: PartitionFold;
  #muteThrough: number;
  #checkpointed: number;
  #checkpointAtMs = 0;
  #snapshotAtMs: number;
  #snapshotSamples = 0;
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
    this.#settings = settings;
    this.#fold = recovered.fold;
    this.#muteThrough = recovered.muteThrough;
    this.#checkpointed = owned.checkpoint ?? -1;
    this.#snapshotAtMs = ports.clock.monotonicMs();
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
    const recovered = recover(identity, owned, snapshot, options.decide);
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
    if (this.#unsafe) return;
    try {
      await this.#saveCheckpoint();
      await this.#saveSnapshot();
    } catch (error) {
      // The next owner reads more of the log; nothing is lost.
      this.#ports.log.warn('partition.closeUnsaved', { partition: this.partition, error });
    }
  }

  #pipeline(): Subscription {
    const { clock } = this.#ports;
    const { signal } = this.#stopping;
    const batches$ = this.#batches.pipe(concatMap((batch) => this.#settle(batch)));
    const beats$ = defer(() => clock.wait(tickEveryMs, signal)).pipe(
      repeat(),
      exhaustMap(() => this.#beat()),
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
      const decided = this.#fold.apply(event);
      if (event.sequence > this.#muteThrough) messages.push(...decided);
    }
    if (messages.length > 0) {
      await publishWithPatience(this.#ports, messages, this.#stopping.signal);
      this.published += messages.length;
    }
    await this.#save();
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
      this.#options.decide,
    );
    this.#fold = fold;
    this.#muteThrough = muteThrough;
    this.#ports.log.warn('partition.coldStart', { partition: this.partition, reason });
  }

  async #save(): Promise<void> {
    const nowMs = this.#ports.clock.monotonicMs();
    if (nowMs - this.#checkpointAtMs >= checkpointEveryMs) {
      this.#checkpointAtMs = nowMs;
      await this.#saveCheckpoint();
    }
    const samples = this.#fold.counts.samples - this.#snapshotSamples;
    if (nowMs - this.#snapshotAtMs >= snapshotEveryMs || samples >= snapshotEverySamples) {
      this.#snapshotAtMs = nowMs;
      this.#snapshotSamples = this.#fold.counts.samples;
      await this.#saveCheckpoint();
      await this.#saveSnapshot();
    }
  }

  async #saveCheckpoint(): Promise<void> {
    const { sequence } = this.#fold;
    if (sequence <= this.#checkpointed) return;
    if ((await this.#owned.saveCheckpoint(sequence)) === 'lost') {
      throw new Error(`partition ${this.partition} has another owner: it is given up`);
    }
    this.#checkpointed = sequence;
  }

  /** Only states at or before the checkpoint are of use: what comes after was perhaps not published. */
  async #saveSnapshot(): Promise<void> {
    if (this.#fold.sequence < 0 || this.#fold.sequence > this.#checkpointed) return;
    await this.#ports.snapshots.save(this.#owned.log, this.partition, this.#fold.snapshot());
  }

  /** A tick, and the settings that the fold does not hold: level-triggered, so a lost append is made good. */
  async #beat(): Promise<void> {
    if (this.#stopping.signal.aborted) return;
    try {
      const events: LogEvent[] = [...this.#missingSettings(), { kind: 'tick' }];
      await this.#ports.signals.append(this.partition, events);
    } catch (error) {
      this.#ports.log.warn('partition.beatFailed', { partition: this.partition, error });
    }
  }

  #missingSettings(): readonly LogEvent[] {
    const nowMs = this.#ports.clock.monotonicMs();
    const missing: LogEvent[] = [];
    for (const version of this.#settings.of(this.partition)) {
      if (missing.length >= settingsPerBeatMax) break;
      if (version.version <= this.#fold.versionOf(version.target)) continue;
      const sent = this.#appended.get(version.target);
      const recent = sent !== undefined && nowMs - sent.atMs < settingPatienceMs;
      if (recent && sent.version >= version.version) continue;
      this.#appended.set(version.target, { version: version.version, atMs: nowMs });
      missing.push({ kind: 'setting', version });
    }
    return missing;
  }
}

function identityOf({ log, partition }: OwnedPartition, options: EvaluatorOptions): FoldIdentity {
  return { logId: log.logId, partition, codeVersion: options.codeVersion };
}
