import { ServiceBusClient } from '@azure/service-bus';
import type { RetryOptions, ServiceBusSender } from '@azure/service-bus';
import { DefaultAzureCredential } from '@azure/identity';
import { assert } from '@headroom/core';
import type { CommandQueue, DecisionTopic, Log, RecordFeed } from '@headroom/ports';
import { createCommandQueue } from './command-queue.ts';
import { createDecisionTopic } from './decision-topic.ts';
import type { IntakeLimits } from './intake.ts';
import { createRecordFeed } from './record-feed.ts';

/** Where the namespace is: a connection string, or its host name with the identity that this process runs as. */
export interface ServiceBusEndpoint {
  readonly connectionString?: string;
  /** `contoso.servicebus.windows.net` */
  readonly fullyQualifiedNamespace?: string;
}

/** One namespace over one connection. */
export interface ServiceBus {
  decisionTopic(topic: string): DecisionTopic;
  recordFeed(topic: string, subscription: string, limits?: IntakeLimits): RecordFeed;
  commandQueue(queue: string, limits?: IntakeLimits): CommandQueue;
  /** Feeds end by their own signal: abort it, await `run`, then close. */
  close(): Promise<void>;
}

/** Opens nothing yet: the first use of an entity connects. */
export function connectServiceBus(endpoint: ServiceBusEndpoint, log: Log): ServiceBus {
  const client = createClient(endpoint);
  const senders = new Map<string, ServiceBusSender>();
  const senderOf = (entity: string): ServiceBusSender => {
    const sender = senders.get(entity) ?? client.createSender(entity);
    senders.set(entity, sender);
    return sender;
  };
  return {
    decisionTopic: (topic) => createDecisionTopic(senderOf(topic), topic),
    recordFeed: (topic, subscription, limits) =>
      createRecordFeed({ client, topic, subscription, limits, log }),
    commandQueue: (queue, limits) =>
      createCommandQueue({ client, sender: senderOf(queue), queue, limits, log }),
    close: () => client.close(),
  };
}

function createClient(endpoint: ServiceBusEndpoint): ServiceBusClient {
  const { connectionString, fullyQualifiedNamespace: host } = endpoint;
  const options = { retryOptions: retries() };
  if (connectionString !== undefined) return new ServiceBusClient(connectionString, options);
  assert(host !== undefined, 'Service Bus: give a connection string or a namespace');
  return new ServiceBusClient(host, new DefaultAzureCredential(), options);
}

/**
 * The SDK waits 30 s between attempts by default: a broker that was restarted would be seen half a minute late. And what
 * was being sent when the connection broke fails by its timeout only, 60 s by default.
 */
function retries(): RetryOptions {
  return { maxRetries: 4, retryDelayInMs: 500, timeoutInMs: 5000 };
}
