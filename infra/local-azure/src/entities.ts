import { cosmos, eventHubs, serviceBus } from '@headroom/topology';
import type { AmqpEntities } from './amqp/index.ts';
import type { DatabaseDefinition } from './cosmos/index.ts';

/** The system's hubs, topic and queue as the AMQP server takes them. */
export const amqpEntities: AmqpEntities = {
  eventHubs: Object.values(eventHubs),
  topics: [serviceBus.topic],
  queues: [serviceBus.queue],
};

export const cosmosDatabases: readonly DatabaseDefinition[] = [
  { name: cosmos.database, containers: Object.values(cosmos.containers) },
];
