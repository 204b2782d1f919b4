import { afterEach, beforeEach, expect } from '@jest/globals';
import { EventHubConsumerClient, EventHubProducerClient } from '@azure/event-hubs';
import type {
  EventData,
  EventHubClientOptions,
  EventPosition,
  PartitionContext,
  ReceivedEventData,
  SubscribeOptions,
  Subscription,
} from '@azure/event-hubs';
import type { AmqpOptions, AmqpServer } from '../../src/amqp/index.ts';
import { startTestServer, testFolder, until } from '../amqp/server.fixture.ts';

/** Fails at once, so that a test sees the first error. */
export const ONCE = { retryOptions: { maxRetries: 0, timeoutInMs: 5000, retryDelayInMs: 100 } };
export const earliest: EventPosition = { offset: '-1' };

/** What a reader was given, as it comes. */
export interface Reading {
  readonly events: ReceivedEventData[];
  readonly errors: (Error & { readonly code?: string })[];
  readonly contexts: PartitionContext[];
  /** How many events came at a time. */
  readonly batches: number[];
  readonly subscription: Subscription;
  bodies(): unknown[];
}

export interface ReadOptions extends SubscribeOptions {
  readonly group?: string;
  readonly hub?: string;
  readonly connection?: string;
}

/** A server for each test, with clients that end with it. */
export interface TestHub {
  readonly server: AmqpServer;
  readonly dataFile: string;
  /** The same data file, other options: a clock, another retention. */
  restart(options?: Partial<AmqpOptions>): Promise<void>;
  producer(hub?: string, connection?: string, options?: EventHubClientOptions): Producer;
  /** To partition 0 of `metrics` unless said otherwise, in one batch. */
  send(events: readonly EventData[], partitionId?: string): Promise<void>;
  /** Events with the bodies 0 to count - 1. */
  sendNumbers(count: number, partitionId?: string): Promise<void>;
  read(partitionId: string, options?: ReadOptions): Reading;
  /** The first `count` bodies of partition 0 from a position on. */
  bodiesFrom(startPosition: EventPosition, count: number): Promise<unknown[]>;
  onEnd(clean: () => Promise<void>): void;
}

type Producer = EventHubProducerClient;

/** Registers the hooks; what it returns is good inside tests. */
export function useTestHub(first: Partial<AmqpOptions> = {}): TestHub {
  let folder = testFolder();
  let server: AmqpServer;
  let cleanups: (() => Promise<void>)[] = [];

  beforeEach(async () => {
    folder = testFolder();
    server = await startTestServer({ dataFile: folder.dataFile, ...first });
  });
  afterEach(async () => {
    for (const clean of cleanups.reverse()) await clean();
    cleanups = [];
    await server.close();
    folder[Symbol.dispose]();
  });

  const hub: TestHub = {
    get server() {
      return server;
    },
    get dataFile() {
      return folder.dataFile;
    },
    async restart(options = {}) {
      await server.close();
      server = await startTestServer({ dataFile: folder.dataFile, ...first, ...options });
    },
    producer(name = 'metrics', connection = server.connectionString, options = ONCE) {
      const client = new EventHubProducerClient(connection, name, options);
      cleanups.push(() => client.close());
      return client;
    },
    async send(events, partitionId = '0') {
      const producer = new EventHubProducerClient(server.connectionString, 'metrics', ONCE);
      const batch = await producer.createBatch({ partitionId });
      for (const event of events) expect(batch.tryAdd(event)).toBe(true);
      await producer.sendBatch(batch);
      await producer.close();
    },
    sendNumbers: (count, partitionId) =>
      hub.send(
        Array.from({ length: count }, (_, body) => ({ body })),
        partitionId,
      ),
    read(partitionId, options = {}) {
      const reading = startReading(partitionId, server.connectionString, options);
      cleanups.push(reading.close);
      return reading;
    },
    async bodiesFrom(startPosition, count) {
      const reading = startReading('0', server.connectionString, { startPosition });
      await until(`${count} events`, () => reading.events.length >= count);
      await reading.close();
      expect(reading.errors).toEqual([]);
      return reading.bodies();
    },
    onEnd: (clean) => void cleanups.push(clean),
  };
  return hub;
}

function startReading(
  partitionId: string,
  connectionString: string,
  { group = 'router', hub = 'metrics', connection = connectionString, ...options }: ReadOptions,
): Reading & { readonly close: () => Promise<void> } {
  const client = new EventHubConsumerClient(group, connection, hub, ONCE);
  const reading = { events: [], errors: [], contexts: [], batches: [] } as unknown as Reading;
  const subscription = client.subscribe(
    partitionId,
    {
      processEvents: (batch, context) => {
        reading.events.push(...batch);
        reading.contexts.push(context);
        if (batch.length > 0) reading.batches.push(batch.length);
        return Promise.resolve();
      },
      processError: (error) => {
        reading.errors.push(error);
        return Promise.resolve();
      },
    },
    { startPosition: earliest, maxBatchSize: 100, maxWaitTimeInSeconds: 1, ...options },
  );
  return {
    ...reading,
    subscription,
    bodies: () => reading.events.map((event) => event.body as unknown),
    close: async () => {
      await subscription.close();
      await client.close();
    },
  };
}
