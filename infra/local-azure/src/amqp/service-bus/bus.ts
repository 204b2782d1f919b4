import { AmqpError, entityNotFound, notSupported, toAmqpError } from '../errors.ts';
import type { AmqpEntities } from '../entities.ts';
import type { IncomingMessage, ReceiverLink } from '../protocol/receiver-link.ts';
import type { SenderLink } from '../protocol/sender-link.ts';
import { ACCEPTED, rejected } from '../protocol/performatives.ts';
import type { BusStore } from './bus-store.ts';
import { Entrance } from './entrance.ts';
import { compileFilter } from './filter.ts';
import type { Filter } from './filter.ts';
import { applicationProperties, readDrafts } from './message-codec.ts';
import { MessageQueue } from './queue.ts';
import type { BusServices } from './services.ts';
import { QueueReceiver } from './queue-receiver.ts';

type TopicConfig = AmqpEntities['topics'][number];
type QueueConfig = AmqpEntities['queues'][number];
type SubscriptionConfig = TopicConfig['subscriptions'][number];

/** What an address names: something to send to, to receive from, or both. */
export interface BusEntity {
  readonly name: string;
  readonly entrance?: Entrance;
  readonly queue?: MessageQueue;
  /** Set when messages go on to another queue, so that nobody can receive here. */
  readonly forwardTo?: string;
}

const SESSION_FILTER = 'com.microsoft:session-filter';
const MINUTE_MS = 60_000;

/** Queues, topics and subscriptions by address (in lower case). */
export class Bus {
  readonly #store: BusStore;
  readonly #services: BusServices;
  readonly #entities = new Map<string, BusEntity>();

  constructor(entities: AmqpEntities, store: BusStore, services: BusServices) {
    this.#store = store;
    this.#services = services;
    for (const queue of entities.queues) this.#addQueue(queue);
    for (const topic of entities.topics) this.#addTopic(topic);
  }

  find(address: string): BusEntity | undefined {
    return this.#entities.get(address.toLowerCase());
  }

  openSender(link: ReceiverLink, entity: BusEntity): void {
    const { entrance } = entity;
    if (entrance === undefined) {
      throw new AmqpError(
        'amqp:not-allowed',
        `Messages cannot be sent to '${entity.name}': send to its queue or topic.`,
      );
    }
    link.accept((message) => receive(link, entrance, message));
  }

  openReceiver(link: SenderLink, entity: BusEntity): void {
    if (link.source.filter.has(SESSION_FILTER)) throw notSupported('Receiving a session');
    const { queue, forwardTo } = entity;
    if (queue !== undefined && forwardTo === undefined) {
      new QueueReceiver(link, queue).start();
      return;
    }
    const instead = forwardTo === undefined ? 'one of its subscriptions' : `'${forwardTo}'`;
    throw new AmqpError(
      'amqp:not-allowed',
      `Messages cannot be received from '${entity.name}': receive from ${instead}.`,
    );
  }

  forgetOldIds(): void {
    for (const entity of this.#entities.values()) entity.entrance?.forgetOldIds();
  }

  #addQueue(config: QueueConfig): void {
    const queue = this.#makeQueue(config.name, config.maxDeliveryCount, config.lockSeconds);
    const settings = {
      name: config.name,
      duplicateWindowMs: (config.duplicateDetectionMinutes ?? 0) * MINUTE_MS,
      route: () => [queue],
    };
    const store = queue.store;
    this.#add({
      name: config.name,
      queue,
      entrance: new Entrance(settings, store, this.#services),
    });
  }

  #addTopic(config: TopicConfig): void {
    const branches = config.subscriptions.map((sub) => this.#addSubscription(config.name, sub));
    const settings = {
      name: config.name,
      duplicateWindowMs: config.duplicateDetectionMinutes * MINUTE_MS,
      route: (draft: { body: Buffer }): MessageQueue[] => {
        const properties = applicationProperties(draft.body);
        return branches.filter(({ matches }) => matches(properties)).map(({ queue }) => queue);
      },
    };
    const store = this.#store.entity(config.name);
    this.#add({ name: config.name, entrance: new Entrance(settings, store, this.#services) });
  }

  #addSubscription(topic: string, config: SubscriptionConfig): Branch {
    const name = `${topic}/Subscriptions/${config.name}`;
    const queue = this.#makeQueue(name, config.maxDeliveryCount, config.lockSeconds);
    const matches = compileFilter(config.filter ?? '1=1');
    const { forwardTo } = config;
    if (forwardTo === undefined) {
      this.#add({ name, queue });
      return { matches, queue };
    }
    const target = this.find(forwardTo)?.queue;
    if (target === undefined) {
      throw new Error(`Subscription '${name}' forwards to '${forwardTo}', which is no queue here.`);
    }
    this.#add({ name, queue, forwardTo });
    return { matches, queue: target };
  }

  #makeQueue(name: string, maxDeliveryCount: number, lockSeconds: number): MessageQueue {
    const lockMs = lockSeconds * 1000;
    const deadName = `${name}/$DeadLetterQueue`;
    const dead = new MessageQueue(
      { name: deadName, lockMs, maxDeliveryCount: Infinity },
      this.#store.entity(deadName),
      this.#services,
      undefined,
    );
    this.#add({ name: deadName, queue: dead });
    const settings = { name, lockMs, maxDeliveryCount };
    return new MessageQueue(settings, this.#store.entity(name), this.#services, dead);
  }

  #add(entity: BusEntity): void {
    const key = entity.name.toLowerCase();
    if (this.#entities.has(key)) throw new Error(`Two entities are named '${entity.name}'.`);
    this.#entities.set(key, entity);
  }
}

interface Branch {
  readonly matches: Filter;
  readonly queue: MessageQueue;
}

export function requireEntity(bus: Bus, address: string): BusEntity {
  const entity = bus.find(address);
  if (entity === undefined) throw entityNotFound(address);
  return entity;
}

function receive(link: ReceiverLink, entrance: Entrance, message: IncomingMessage): void {
  const done = (error?: AmqpError): void => {
    if (!message.settled) link.settle(message.deliveryId, error ? rejected(error) : ACCEPTED);
  };
  try {
    entrance.send(readDrafts(message.payload, message.format), done);
  } catch (error) {
    done(toAmqpError(error));
  }
}
