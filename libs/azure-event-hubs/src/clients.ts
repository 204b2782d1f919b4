import { EventHubConsumerClient, EventHubProducerClient } from '@azure/event-hubs';
import type { EventHubConsumerClientOptions, RetryOptions } from '@azure/event-hubs';
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
  consumer(hub: string, group: string): EventHubConsumerClient;
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
    consumer: (hub, group) => new EventHubConsumerClient(group, connection, hub, reading()),
  };
}

function clientsByIdentity(host: string): Clients {
  const identity = new DefaultAzureCredential();
  return {
    producer: (hub) => new EventHubProducerClient(host, hub, identity, { retryOptions: retries() }),
    consumer: (hub, group) => new EventHubConsumerClient(group, host, hub, identity, reading()),
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

/** A subscription that ended stays ended until we begin it anew; the SDK would by itself after this. */
const restartIntervalMs = 3_600_000;

function reading(): EventHubConsumerClientOptions {
  const loadBalancingOptions = { updateIntervalInMs: restartIntervalMs };
  return { retryOptions: retries(), loadBalancingOptions };
}
