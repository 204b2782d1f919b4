import type { EventHubConsumerClient } from '@azure/event-hubs';
import { AssertionError } from '@headroom/core';
import { claimsOf } from '@headroom/ports';
import type { FeedGroup, Log, PartitionCheckpoint, PartitionLedger } from '@headroom/ports';
import { randomUUID } from 'node:crypto';
import { performance } from 'node:perf_hooks';
import { setTimeout } from 'node:timers/promises';
import { HubRefused, hubError } from './errors.ts';
import type { HubClient } from './hub-client.ts';
import { PartitionReading } from './partition-reading.ts';
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

/** One member of a consumer group, from its first claim until `signal` aborts or reading cannot go on. */
export async function runMember(options: MemberOptions, signal: AbortSignal): Promise<void> {
  const identity = await options.hub.identity();
  if (signal.aborted) return;
  const group = { hub: identity.logId, consumerGroup: options.consumerGroup };
  await new Member(options, group, identity.partitions).run(signal);
}

/**
 * Shares the partitions out itself and subscribes to each with the SDK. The SDK's own sharing out is not used: it asks
 * the broker for the partitions in every round, and waits 30 s, which cannot be set, after a question that failed. A
 * broker that restarted would be read again half a minute late.
 */
class Member {
  readonly #options: MemberOptions;
  readonly #group: FeedGroup;
  readonly #partitions: readonly string[];
  readonly #id = randomUUID();
  readonly #client: EventHubConsumerClient;
  /** The newest of each partition. */
  readonly #readings = new Map<string, PartitionReading>();
  readonly #fatal = Promise.withResolvers<never>();
  readonly #stopping = new AbortController();

  constructor(options: MemberOptions, group: FeedGroup, partitions: number) {
    this.#options = options;
    this.#group = group;
    this.#partitions = Array.from({ length: partitions }, (_, partition) => String(partition));
    this.#client = options.hub.consumer(options.consumerGroup);
    // Heard by `run`; a second one, or one while stopping, changes nothing.
    this.#fatal.promise.catch(() => undefined);
  }

  async run(signal: AbortSignal): Promise<void> {
    const balancing = this.#keepBalance();
    try {
      await Promise.race([aborted(signal), this.#fatal.promise]);
    } finally {
      this.#stopping.abort();
      await balancing;
      await this.#stop();
    }
  }

  async #keepBalance(): Promise<void> {
    const { signal } = this.#stopping;
    const intervalMs = this.#options.timings?.balanceIntervalMs ?? balanceIntervalDefaultMs;
    while (!signal.aborted) {
      const startedAtMs = performance.now();
      await this.#balance().catch((error: unknown) => this.#failed(error));
      const restMs = Math.max(intervalMs - (performance.now() - startedAtMs), 0);
      await setTimeout(restMs, undefined, { signal }).catch(() => undefined);
    }
  }

  /** One listing and one claim, whatever the number of partitions. Opening goes on beside it. */
  async #balance(): Promise<void> {
    const { ledger, timings } = this.#options;
    const ownerships = await ledger.ownerships(this.#group);
    for (const { partition, owner } of ownerships) {
      if (owner !== '' && owner !== this.#id) this.#readings.get(partition)?.lose();
    }
    for (const reading of this.#readings.values()) if (!reading.isReading) void reading.close();
    const claims = claimsOf({
      ...{ member: this.#id, partitions: this.#partitions, ownerships },
      nowMs: Date.now(),
      expiryMs: timings?.ownershipExpiryMs ?? ownershipExpiryDefaultMs,
      random: Math.random,
    });
    if (this.#isStopping() || claims.length === 0) return;
    const won = await ledger.claim(this.#group, claims);
    this.#open(won.map(({ partition }) => partition));
  }

  /** Those that are not read yet, or no more. */
  #open(partitions: readonly string[]): void {
    const { ledger } = this.#options;
    let listed: Promise<readonly PartitionCheckpoint[]> | undefined;
    const checkpoints = (): Promise<readonly PartitionCheckpoint[]> =>
      (listed ??= ledger.checkpoints(this.#group));
    for (const partition of this.#isStopping() ? [] : partitions) {
      const last = this.#readings.get(partition);
      if (last?.isReading === true) continue;
      this.#readings.set(partition, this.#reading(partition, last?.close(), checkpoints));
    }
  }

  #reading(
    partition: string,
    predecessor: Promise<void> | undefined,
    checkpoints: () => Promise<readonly PartitionCheckpoint[]>,
  ): PartitionReading {
    const { ledger, startAfter, open, batchMax, prefetch, log } = this.#options;
    return new PartitionReading({
      ...{ client: this.#client, partition, predecessor, batchMax, prefetch, open },
      checkpoint: async () => (await checkpoints()).find((one) => one.partition === partition),
      startAfter: (checkpoint) => startAfter(partition, checkpoint),
      save: (checkpoint) => ledger.save(this.#group, checkpoint),
      opened: () => log.info('feed.partition-opened', this.#fields(partition)),
      failed: (error) => this.#failed(error, partition),
      closed: (error) => this.#closed(partition, error),
    });
  }

  async #stop(): Promise<void> {
    await Promise.all([...this.#readings.values()].map((reading) => reading.close()));
    const warn = (error: unknown): void => this.#warn('feed.close-failed', error);
    await this.#giveUp().catch(warn);
    await this.#client.close().catch(warn);
  }

  #isStopping(): boolean {
    return this.#stopping.signal.aborted;
  }

  /** So that others take the partitions over at once. */
  async #giveUp(): Promise<void> {
    const { ledger } = this.#options;
    const owned = await ledger.ownerships(this.#group);
    const own = owned.filter(({ owner }) => owner === this.#id);
    if (own.length > 0) {
      await ledger.claim(
        this.#group,
        own.map((ownership) => ({ ...ownership, owner: '' })),
      );
    }
  }

  #failed(error: unknown, partition?: string): void {
    const mapped = hubError(error, this.#options.hub.name);
    if (mapped instanceof HubRefused) this.#fatal.reject(mapped);
    this.#endOnAssertion(error);
    if (!this.#isStopping()) this.#warn('feed.failed', mapped, partition);
  }

  #closed(partition: string, error: unknown): void {
    if (error !== undefined) {
      this.#warn('feed.partition-close-failed', error, partition);
      this.#endOnAssertion(error);
    }
    this.#options.log.info('feed.partition-closed', this.#fields(partition));
  }

  /** A programmer's error ends the feed, and its process. */
  #endOnAssertion(error: unknown): void {
    for (let cause = error; cause instanceof Error; cause = cause.cause) {
      if (cause instanceof AssertionError) this.#fatal.reject(cause);
    }
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

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
