import { entityNotFound, notSupported, toAmqpError } from '../errors.ts';
import type { AmqpError } from '../errors.ts';
import type { AmqpEntities } from '../entities.ts';
import { BATCH_FORMAT, splitBatch } from '../message/sections.ts';
import type { IncomingMessage, ReceiverLink } from '../protocol/receiver-link.ts';
import type { SenderLink } from '../protocol/sender-link.ts';
import { ACCEPTED, rejected } from '../protocol/performatives.ts';
import { partitionKeyOf } from './event-codec.ts';
import { EventReceiver } from './event-receiver.ts';
import { partitionOfKey } from './partition-key.ts';
import { PartitionLog } from './partition-log.ts';
import type { LogServices, Retention } from './partition-log.ts';

type HubConfig = AmqpEntities['eventHubs'][number];

const DEFAULT_GROUP = '$Default';
/** So that a disk does not fill up unnoticed: the cloud's retention goes by time alone. */
const DEFAULT_RETENTION_BYTES = 1024 ** 3;

/** One event hub: its partitions, who sends to them, and who reads them at which owner level. */
export class EventHub {
  readonly name: string;
  readonly createdMs: number;
  readonly partitions: readonly PartitionLog[];
  readonly #clock: () => number;
  readonly #groups: ReadonlySet<string>;
  readonly #readers = new Map<string, Set<EventReceiver>>();
  #roundRobin = 0;

  constructor(config: HubConfig, services: LogServices) {
    const { store, clock } = services;
    this.name = config.name;
    this.#clock = clock;
    this.#groups = new Set([DEFAULT_GROUP, ...config.consumerGroups].map((g) => g.toLowerCase()));
    this.createdMs = store.openHub(config.name, config.partitions, clock()).createdMs;
    const retention = retentionOf(config);
    this.partitions = Array.from({ length: config.partitions }, (_, number) => {
      return new PartitionLog(store.openPartition(config.name, number), retention, services);
    });
  }

  /** The partition with an id; throws a not-found error for anything else. */
  partition(id: string): PartitionLog {
    const log = /^\d{1,4}$/.test(id) ? this.partitions[Number(id)] : undefined;
    if (log === undefined) {
      throw entityNotFound(`${this.name}/Partitions/${id}`);
    }
    return log;
  }

  /** A producer's link, to the hub or (`partitionId`) to one partition. */
  openProducer(link: ReceiverLink, partitionId: string | undefined): void {
    if (link.desiredCapabilities.includes('com.microsoft:idempotent-producer')) {
      throw notSupported('An idempotent producer (enableIdempotentRetries)');
    }
    const fixed = partitionId === undefined ? undefined : this.partition(partitionId);
    link.accept((message) => this.#onSent(link, message, fixed));
  }

  /** A consumer's link to one partition in a consumer group. */
  openConsumer(link: SenderLink, group: string, partitionId: string): void {
    const log = this.partition(partitionId);
    if (!this.#groups.has(group.toLowerCase())) {
      throw entityNotFound(`${this.name}/ConsumerGroups/${group}`);
    }
    const key = `${group.toLowerCase()}/${partitionId}`;
    const readers = this.#readers.get(key) ?? new Set<EventReceiver>();
    this.#readers.set(key, readers);
    const receiver = new EventReceiver(link, log, this.#clock);
    receiver.takeOver(readers, `Partition ${partitionId} of '${this.name}' in group '${group}'`);
    readers.add(receiver);
    receiver.start(() => readers.delete(receiver));
  }

  trim(): void {
    for (const log of this.partitions) log.trim();
  }

  #onSent(link: ReceiverLink, message: IncomingMessage, fixed: PartitionLog | undefined): void {
    const settle = (error?: AmqpError): void => {
      if (!message.settled) link.settle(message.deliveryId, error ? rejected(error) : ACCEPTED);
    };
    try {
      const isBatch = message.format === BATCH_FORMAT;
      const events = isBatch ? splitBatch(message.payload) : [message.payload];
      const first = events[0];
      if (first === undefined) settle();
      else (fixed ?? this.#choose(partitionKeyOf(first))).append(events, settle);
    } catch (error) {
      settle(toAmqpError(error));
    }
  }

  #choose(key: string | undefined): PartitionLog {
    const count = this.partitions.length;
    const number = key === undefined ? this.#roundRobin++ % count : partitionOfKey(key, count);
    return this.partition(String(number));
  }
}

/** Each partition has an equal share of its hub's bytes. */
function retentionOf(config: HubConfig): Retention {
  const { name, partitions, retentionHours, retentionBytes = DEFAULT_RETENTION_BYTES } = config;
  if (!(retentionBytes > 0)) {
    throw new Error(`Event hub '${name}': retentionBytes is ${retentionBytes}; give 1 or more.`);
  }
  return { ms: retentionHours * 3_600_000, bytes: retentionBytes / partitions };
}
