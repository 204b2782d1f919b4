import { earliestEventPosition } from '@azure/event-hubs';
import type {
  EventHubConsumerClient,
  EventPosition,
  ReceivedEventData,
  Subscription,
  SubscriptionEventHandlers,
} from '@azure/event-hubs';
import type { PartitionCheckpoint } from '@headroom/ports';
import { setTimeout } from 'node:timers/promises';
import { PartitionLost, isRetriedBySdk, isStolen } from './errors.ts';
import { PartitionRun } from './partition-run.ts';
import type { PartitionWork, TakenPartition } from './partition-run.ts';

export interface ReadingOptions {
  readonly client: Pick<EventHubConsumerClient, 'subscribe'>;
  readonly partition: string;
  /** Events the SDK hands over at a time, and reads ahead. */
  readonly batchMax: number;
  readonly prefetch: number;
  /** Awaited first: the partition's reading before this one, if any, has closed. */
  readonly predecessor: Promise<void> | undefined;
  readonly checkpoint: () => Promise<PartitionCheckpoint | undefined>;
  /** The sequence after which reading starts; the oldest event when absent. */
  readonly startAfter: (checkpoint: PartitionCheckpoint | undefined) => Promise<number | undefined>;
  readonly open: (partition: TakenPartition) => Promise<PartitionWork>;
  readonly save: (checkpoint: PartitionCheckpoint) => Promise<'saved' | 'behind'>;
  readonly opened: () => void;
  /** Reading failed; it goes on by itself, or `isReading` says that it is over. */
  readonly failed: (error: unknown) => void;
  readonly closed: (error?: unknown) => void;
}

/** Also how soon a lost connection, a lost ownership or a failed opening is noticed where nothing is received. */
const waitSeconds = 1;
/** The broker is told that a link closes; one that is away does not answer, and its link is forgotten. */
const closeLimitMs = 3000;

/** One partition from its claim until it is lost, fails or is closed: a subscription of the SDK and what it feeds. */
export class PartitionReading {
  readonly #options: ReadingOptions;
  readonly #run: PartitionRun;
  #subscription: Subscription | undefined;
  #closed: Promise<void> | undefined;

  constructor(options: ReadingOptions) {
    this.#options = options;
    this.#run = new PartitionRun(options.partition, () => this.#start());
  }

  get isReading(): boolean {
    return this.#run.isReading;
  }

  /** Another member owns the partition now. */
  lose(): void {
    const { partition } = this.#options;
    this.#run.end(new PartitionLost(`partition ${partition} is read by another member now`));
  }

  /** Waits for what is in hand. Closing twice is closing once; never rejects. */
  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  async #start(): Promise<PartitionWork> {
    const { client, partition, predecessor, ...options } = this.#options;
    await predecessor;
    const checkpoint = await options.checkpoint();
    const startPosition = positionAfter(await options.startAfter(checkpoint));
    if (!this.isReading) throw new PartitionLost(`partition ${partition} closed while it opened`);
    this.#subscription = client.subscribe(partition, this.#handlers(), {
      startPosition,
      maxBatchSize: options.batchMax,
      prefetchCount: options.prefetch,
      maxWaitTimeInSeconds: waitSeconds,
      skipParsingBodyAsJson: true,
      ownerLevel: 1,
    });
    options.opened();
    return options.open({ id: partition, checkpoint, save: (next) => this.#save(next) });
  }

  async #save(checkpoint: PartitionCheckpoint): Promise<'saved' | 'lost'> {
    if (this.#run.isLost) return 'lost';
    if ((await this.#options.save(checkpoint)) === 'saved') return 'saved';
    this.lose();
    return 'lost';
  }

  #handlers(): SubscriptionEventHandlers {
    return {
      processEvents: (events) => this.#process(events),
      processClose: () => this.#pumpClosed(),
      processError: (error) => this.#failed(error),
    };
  }

  /**
   * Never lets an error out as it is: one of the SDK with `retryable: true` makes its pump skip the batch silently and go
   * on with the next. A plain error closes the pump.
   */
  async #process(events: readonly ReceivedEventData[]): Promise<void> {
    try {
      await this.#run.process(events);
    } catch (cause) {
      const { partition } = this.#options;
      throw new Error(`partition ${partition} is closed after a failure`, { cause });
    }
  }

  #failed(error: unknown): Promise<void> {
    if (isStolen(error)) this.lose();
    else if (!isRetriedBySdk(error)) this.#run.end(error);
    this.#options.failed(error);
    return Promise.resolve();
  }

  /** Not for the whole of `close`: that waits for the subscription, and the subscription for this. */
  #pumpClosed(): Promise<void> {
    void this.close();
    return this.#run.close().catch(() => undefined);
  }

  async #close(): Promise<void> {
    try {
      await Promise.all([this.#run.close(), this.#unsubscribe()]);
      this.#options.closed();
    } catch (error) {
      this.#options.closed(error);
    }
  }

  async #unsubscribe(): Promise<void> {
    const closing = this.#subscription?.close().catch(this.#options.failed);
    const limit = new AbortController();
    const { signal } = limit;
    const late = setTimeout(closeLimitMs, undefined, { signal }).catch(() => undefined);
    await Promise.race([closing, late]);
    limit.abort();
  }
}

function positionAfter(sequence: number | undefined): EventPosition {
  if (sequence === undefined) return { ...earliestEventPosition };
  return { sequenceNumber: sequence, isInclusive: false };
}
