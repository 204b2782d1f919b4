import { earliestEventPosition } from '@azure/event-hubs';
import type { EventPosition, PartitionContext, SubscriptionEventHandlers } from '@azure/event-hubs';
import { AssertionError } from '@headroom/core';
import type { FeedGroup, Log, PartitionCheckpoint, PartitionLedger } from '@headroom/ports';
import { randomUUID } from 'node:crypto';
import { HubRefused, PartitionLost, hubError, isRetriedBySdk, isStolen } from './errors.ts';
import type { HubClient } from './hub-client.ts';
import { createCheckpointStore } from './ownership.ts';
import { PartitionRun } from './partition-run.ts';
import type { PartitionWork, TakenPartition } from './partition-run.ts';

/**
 * How soon partitions change hands. An ownership is renewed every `balanceIntervalMs` and free for others
 * `ownershipExpiryMs` after its last renewal: a killed member's partitions are read elsewhere after at most 5 s + 1 s, and
 * a member keeps its own through a stall of more than 3 s.
 */
export interface MemberTimings {
  readonly balanceIntervalMs?: number;
  readonly ownershipExpiryMs?: number;
}

export interface MemberOptions {
  readonly hub: HubClient;
  readonly consumerGroup: string;
  readonly ledger: PartitionLedger;
  readonly timings: MemberTimings | undefined;
  /** Events the SDK hands over at a time, and reads ahead, a partition. */
  readonly batchMax: number;
  readonly prefetch: number;
  readonly log: Log;
  /** The sequence after which reading starts; the oldest event when absent. */
  readonly startAfter: (
    partition: string,
    checkpoint: PartitionCheckpoint | undefined,
  ) => Promise<number | undefined>;
  readonly open: (partition: TakenPartition) => Promise<PartitionWork>;
}

const balanceIntervalDefaultMs = 1000;
const ownershipExpiryDefaultMs = 5000;
/** Also how soon a lost connection, a lost ownership or a failed opening is noticed where nothing is received. */
const waitSeconds = 1;

/** One member of a consumer group, from its first claim until `signal` aborts or reading cannot go on. */
export async function runMember(options: MemberOptions, signal: AbortSignal): Promise<void> {
  const identity = await options.hub.identity();
  if (signal.aborted) return;
  const group = { hub: identity.logId, consumerGroup: options.consumerGroup };
  await new Member(options, group, identity.partitions).run(signal);
}

class Member {
  readonly #options: MemberOptions;
  readonly #group: FeedGroup;
  readonly #id = randomUUID();
  readonly #runs = new Map<PartitionContext, PartitionRun>();
  readonly #checkpoints = new Map<string, PartitionCheckpoint>();
  /** The SDK looks a partition's start up here, after it has won it. */
  readonly #starts: Record<string, EventPosition>;
  readonly #fatal = Promise.withResolvers<never>();
  #stopping = false;

  constructor(options: MemberOptions, group: FeedGroup, partitions: number) {
    this.#options = options;
    this.#group = group;
    const ids = Array.from({ length: partitions }, (_, partition) => String(partition));
    // Heard by `run`; a second one, or one while stopping, changes nothing.
    this.#fatal.promise.catch(() => undefined);
    this.#starts = Object.fromEntries(ids.map((id) => [id, { ...earliestEventPosition }]));
  }

  async run(signal: AbortSignal): Promise<void> {
    const client = this.#createClient();
    const subscription = client.subscribe(this.#handlers(), {
      startPosition: this.#starts,
      maxBatchSize: this.#options.batchMax,
      prefetchCount: this.#options.prefetch,
      maxWaitTimeInSeconds: waitSeconds,
      skipParsingBodyAsJson: true,
    });
    try {
      await Promise.race([aborted(signal), this.#fatal.promise]);
    } finally {
      await this.#stop(() => subscription.close());
      await client.close().catch((error: unknown) => this.#warn('feed.close-failed', error));
    }
  }

  /** The SDK closes its pumps and gives the ownerships up; what it left open is closed here. */
  async #stop(closeSubscription: () => Promise<void>): Promise<void> {
    this.#stopping = true;
    await closeSubscription().catch((error: unknown) => this.#warn('feed.close-failed', error));
    await Promise.all([...this.#runs.keys()].map((context) => this.#close(context)));
  }

  #createClient(): ReturnType<HubClient['consumer']> {
    const { hub, ledger, timings, consumerGroup } = this.#options;
    const store = createCheckpointStore({
      member: this.#id,
      group: this.#group,
      ledger,
      isReading: (partition) => this.#runOf(partition)?.isReading ?? false,
      lost: (partition) => this.#lost(partition),
      won: (partition) => this.#prepare(partition),
      isStopping: () => this.#stopping,
    });
    return hub.consumer(consumerGroup, store, {
      identifier: this.#id,
      loadBalancingOptions: {
        strategy: 'greedy',
        updateIntervalInMs: timings?.balanceIntervalMs ?? balanceIntervalDefaultMs,
        partitionOwnershipExpirationIntervalInMs:
          timings?.ownershipExpiryMs ?? ownershipExpiryDefaultMs,
      },
    });
  }

  #handlers(): SubscriptionEventHandlers {
    return {
      processInitialize: (context) => this.#open(context),
      processEvents: (events, context) => this.#process(events, context),
      processClose: (_reason, context) => this.#close(context),
      processError: (error, context) => this.#failed(error, context),
    };
  }

  async #prepare(partition: string): Promise<void> {
    const { ledger, startAfter } = this.#options;
    const all = await ledger.checkpoints(this.#group);
    const checkpoint = all.find((saved) => saved.partition === partition);
    const sequence = await startAfter(partition, checkpoint);
    if (checkpoint === undefined) this.#checkpoints.delete(partition);
    else this.#checkpoints.set(partition, checkpoint);
    this.#starts[partition] =
      sequence === undefined
        ? { ...earliestEventPosition }
        : { sequenceNumber: sequence, isInclusive: false };
  }

  /** Resolves at once: see `PartitionRun`. The predecessor's work, if any, closes before the new opens. */
  #open(context: PartitionContext): Promise<void> {
    const partition = context.partitionId;
    const predecessors = [...this.#runs]
      .filter(([, run]) => run.partition === partition)
      .map(([old]) => this.#close(old));
    const run: PartitionRun = new PartitionRun(partition, async () => {
      await Promise.all(predecessors);
      return this.#options.open({
        id: partition,
        checkpoint: this.#checkpoints.get(partition),
        save: (checkpoint) => this.#save(run, checkpoint),
      });
    });
    if (this.#stopping) run.end(new PartitionLost('the feed is stopping'));
    this.#runs.set(context, run);
    this.#options.log.info('feed.partition-opened', this.#fields(partition));
    return Promise.resolve();
  }

  async #save(run: PartitionRun, checkpoint: PartitionCheckpoint): Promise<'saved' | 'lost'> {
    if (run.isLost) return 'lost';
    if ((await this.#options.ledger.save(this.#group, checkpoint)) === 'saved') return 'saved';
    run.end(lostPartition(run.partition));
    return 'lost';
  }

  /**
   * Never lets an error of the SDK out: one with `retryable: true` makes the pump skip the batch silently and go on with
   * the next. A plain error closes the pump.
   */
  async #process(
    events: Parameters<SubscriptionEventHandlers['processEvents']>[0],
    context: PartitionContext,
  ): Promise<void> {
    const run = this.#runs.get(context);
    try {
      if (run === undefined) throw new PartitionLost(`partition ${context.partitionId} closed`);
      await run.process(events);
    } catch (cause) {
      if (cause instanceof AssertionError) this.#fatal.reject(cause);
      throw new Error(`partition ${context.partitionId} is closed after a failure`, { cause });
    }
  }

  async #close(context: PartitionContext): Promise<void> {
    const run = this.#runs.get(context);
    if (run === undefined) return;
    try {
      await run.close();
    } catch (error) {
      this.#warn('feed.partition-close-failed', error, run.partition);
    } finally {
      if (this.#runs.delete(context)) {
        this.#options.log.info('feed.partition-closed', this.#fields(run.partition));
      }
    }
  }

  #failed(error: unknown, context: PartitionContext): Promise<void> {
    const run = this.#runs.get(context);
    if (run !== undefined && isStolen(error)) run.end(lostPartition(run.partition));
    else if (run !== undefined && !isRetriedBySdk(error)) run.end(error);
    const mapped = hubError(error, this.#options.hub.name);
    if (mapped instanceof HubRefused) this.#fatal.reject(mapped);
    const partition = context.partitionId === '' ? undefined : context.partitionId;
    if (!this.#stopping) this.#warn('feed.failed', mapped, partition);
    return Promise.resolve();
  }

  #lost(partition: string): void {
    this.#runOf(partition)?.end(lostPartition(partition));
  }

  /** The newest: an older one of the partition may still be closing. */
  #runOf(partition: string): PartitionRun | undefined {
    return [...this.#runs.values()].findLast((run) => run.partition === partition);
  }

  #warn(event: string, error: unknown, partition?: string): void {
    this.#options.log.warn(event, { ...this.#fields(partition), error });
  }

  #fields(partition?: string): Record<string, unknown> {
    const { hub, consumerGroup } = this.#options;
    return {
      hub: hub.name,
      consumerGroup,
      member: this.#id,
      ...(partition === undefined ? {} : { partition }),
    };
  }
}

function lostPartition(partition: string): PartitionLost {
  return new PartitionLost(`partition ${partition} is read by another member now`);
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
