import { cosmos, eventHubs, serviceBus } from '@headroom/topology';
import type { AmqpEntities } from './amqp/index.ts';
import type { DatabaseDefinition } from './cosmos/index.ts';
import type { Running } from './folder/running.ts';

/** What is served from the start. Clients may make more databases and containers. */
export interface LocalEntities {
  readonly amqp: AmqpEntities;
  readonly databases: readonly DatabaseDefinition[];
}

/** Headroom's own hubs, topic, queue and containers. */
export const topologyEntities: LocalEntities = {
  amqp: {
    eventHubs: Object.values(eventHubs),
    topics: [serviceBus.topic],
    queues: [serviceBus.queue],
  },
  databases: [{ name: cosmos.database, containers: Object.values(cosmos.containers) }],
};

export function namesOf({ amqp, databases }: LocalEntities): Running['entities'] {
  return {
    eventHubs: amqp.eventHubs.map(({ name }) => name),
    queues: amqp.queues.map(({ name }) => name),
    topics: amqp.topics.map(({ name }) => name),
    databases: databases.map(({ name }) => name),
  };
}
