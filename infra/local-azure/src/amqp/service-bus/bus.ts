import { AmqpError, entityNotFound, notSupported, toAmqpError } from '../errors.ts';
import type { AmqpEntities, QueueEntity, SubscriptionEntity, TopicEntity } from '../entities.ts';
import type { IncomingMessage, ReceiverLink } from '../protocol/receiver-link.ts';
import type { SenderLink } from '../protocol/sender-link.ts';
import { ACCEPTED, rejected } from '../protocol/performatives.ts';
import type { BusStore, EntityStore } from './bus-store.ts';
import { Entrance } from './entrance.ts';
import { filteredMessage } from './filter/filtered-message.ts';
import { forwardsOf, subscriptionName } from './forwarding.ts';
import type { Forward } from './forwarding.ts';
import { readDrafts } from './message-codec.ts';
import type { Draft } from './message-codec.ts';
import { MessageQueue } from './queue.ts';
import type { BusServices } from './services.ts';
import { QueueReceiver } from './queue-receiver.ts';
import { SubscriptionRules } from './subscription-rules.ts';

/** What an address names: something to send to, to receive from, or both. */
export interface BusEntity {
  readonly name: string;
  readonly entrance?: Entrance;
  readonly queue?: MessageQueue;
  /** Of a subscription. */
  readonly rules?: SubscriptionRules;
  /** Set when messages go on to another entity, so that nobody can receive here. */
  readonly forwardTo?: string;
}

const SESSION_FILTER = 'com.microsoft:session-filter';
const MINUTE_MS = 60_000;

/** Queues, topics and subscriptions by address (in lower case). */
export class Bus {
  readonly #store: BusStore;
  readonly #services: BusServices;
  readonly #entities = new Map<string, BusEntity>();

  /** Throws, with what to change, when the entities are not supported or do not fit together. */
  constructor(entities: AmqpEntities, store: BusStore, services: BusServices) {
    this.#store = store;
    this.#services = services;
    const forwards = forwardsOf(entities);
    for (const queue of entities.queues) this.#addQueue(queue);
    for (const topic of entities.topics) this.#addTopic(topic);
    for (const forward of forwards) this.#connect(forward);
    for (const { queue } of this.#entities.values()) queue?.start();
    for (const { entrance } of this.#entities.values()) entrance?.start();
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

  #addQueue(config: QueueEntity): void {
    const queue = this.#makeQueue(config.name, config);
    const route = (): MessageQueue[] => [queue];
    this.#add({
      name: config.name,
      queue,
      entrance: this.#makeEntrance(config, queue.store, route),
    });
  }

  #addTopic(config: TopicEntity): void {
    const branches = config.subscriptions.map((each) => this.#addSubscription(config.name, each));
    const route = ({ properties, applicationProperties }: Draft): MessageQueue[] => {
      const message = filteredMessage(properties, applicationProperties);
      return branches.filter(({ rules }) => rules.match(message)).map(({ queue }) => queue);
    };
    const entrance = this.#makeEntrance(config, this.#store.entity(config.name), route);
    this.#add({ name: config.name, entrance });
  }

  #addSubscription(
    topic: string,
    config: SubscriptionEntity,
  ): { readonly rules: SubscriptionRules; readonly queue: MessageQueue } {
    const name = subscriptionName(topic, config.name);
    const queue = this.#makeQueue(name, config);
    const rules = new SubscriptionRules(name, config, queue.store, this.#services.journal);
    this.#add({ name, queue, rules });
    return { rules, queue };
  }

  #makeEntrance(
    config: QueueEntity | TopicEntity,
    store: EntityStore,
    route: (draft: Draft) => readonly MessageQueue[],
  ): Entrance {
    const settings = {
      name: config.name,
      duplicateWindowMs: Math.round((config.duplicateDetectionMinutes ?? 0) * MINUTE_MS),
      maxTtlMs: milliseconds(config.defaultTimeToLiveSeconds),
      route,
    };
    return new Entrance(settings, store, this.#services);
  }

  #makeQueue(name: string, config: QueueEntity | SubscriptionEntity): MessageQueue {
    if (config.requiresSession === true) {
      throw new Error(
        `'${name}' requires sessions, which the embedded Azure does not support: set ` +
          'RequiresSession to false, or use real Azure for it.',
      );
    }
    const lockMs = config.lockSeconds * 1000;
    const deadName = `${name}/$DeadLetterQueue`;
    const dead = new MessageQueue(
      { name: deadName, lockMs, maxDeliveryCount: Infinity },
      this.#store.entity(deadName),
      this.#services,
      undefined,
    );
    this.#add({ name: deadName, queue: dead });
    const settings = {
      ...{ name, lockMs, maxDeliveryCount: config.maxDeliveryCount },
      maxTtlMs: milliseconds(config.defaultTimeToLiveSeconds),
      deadLetterOnExpiration: config.deadLetterOnExpiration === true,
    };
    return new MessageQueue(settings, this.#store.entity(name), this.#services, dead);
  }

  #connect({ from, to, deadLetters }: Forward): void {
    const address = deadLetters ? `${from}/$DeadLetterQueue` : from;
    const source = requireEntity(this, address);
    const target = requireEntity(this, to).entrance;
    if (target === undefined) throw entityNotFound(to);
    source.queue?.forwardTo(target);
    this.#entities.set(address.toLowerCase(), { ...source, forwardTo: target.name });
  }

  #add(entity: BusEntity): void {
    const key = entity.name.toLowerCase();
    if (this.#entities.has(key)) throw new Error(`Two entities are named '${entity.name}'.`);
    this.#entities.set(key, entity);
  }
}

export function requireEntity(bus: Bus, address: string): BusEntity {
  const entity = bus.find(address);
  if (entity === undefined) throw entityNotFound(address);
  return entity;
}

function milliseconds(seconds: number | undefined): number | undefined {
  return seconds === undefined ? undefined : Math.round(seconds * 1000);
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
