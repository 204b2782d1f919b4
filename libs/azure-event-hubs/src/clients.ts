import { EventHubConsumerClient, EventHubProducerClient } from '@azure/event-hubs';
import type {
  CheckpointStore,
  EventHubConsumerClientOptions,
  RetryOptions,
} from '@azure/event-hubs';
import { DefaultAzureCredential } from '@azure/identity';
import { assert } from '@headroom/core';

/** Where the namespace is: a connection string, or its host name with the identity that this process runs as. */
export interface EventHubsEndpoint {
  readonly connectionString?: string;
  /** `contoso.servicebus.windows.net` */
  readonly fullyQualifiedNamespace?: string;
}

export interface Clients {
  producer(hub: string): EventHubProducerClient;
  consumer(
    hub: string,
    group: string,
    store: CheckpointStore,
    options: EventHubConsumerClientOptions,
  ): EventHubConsumerClient;
}

export function createClients(endpoint: EventHubsEndpoint): Clients {
  const { connectionString, fullyQualifiedNamespace: host } = endpoint;
  if (connectionString !== undefined) return clientsByString(connectionString);
  assert(host !== undefined, 'Event Hubs: give a connection string or a namespace');
  return clientsByIdentity(host);
}

function clientsByString(connection: string): Clients {
  return {
    producer: (hub) => new EventHubProducerClient(connection, hub, { retryOptions: retries() }),
    consumer: (hub, group, store, options) =>
      new EventHubConsumerClient(group, connection, hub, store, {
        ...options,
        retryOptions: retries(),
      }),
  };
}

function clientsByIdentity(host: string): Clients {
  const identity = new DefaultAzureCredential();
  return {
    producer: (hub) => new EventHubProducerClient(host, hub, identity, { retryOptions: retries() }),
    consumer: (hub, group, store, options) =>
      new EventHubConsumerClient(group, host, hub, identity, store, {
        ...options,
        retryOptions: retries(),
      }),
  };
}

/**
 * The SDK waits 30 s between attempts by default: a broker that was restarted would be seen half a minute late. And what
 * was being sent when the connection broke fails by its timeout only, 60 s by default. A new object for each client,
 * because the SDK writes into it.
 */
function retries(): RetryOptions {
  return { maxRetries: 4, retryDelayInMs: 500, timeoutInMs: 5000 };
}
