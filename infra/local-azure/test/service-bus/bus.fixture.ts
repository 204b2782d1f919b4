import { afterEach, beforeEach } from '@jest/globals';
import { ServiceBusClient } from '@azure/service-bus';
import type {
  ServiceBusMessage,
  ServiceBusReceivedMessage,
  ServiceBusReceiver,
  ServiceBusReceiverOptions,
} from '@azure/service-bus';
import type {
  AmqpEntities,
  AmqpOptions,
  AmqpServer,
  QueueEntity,
  SubscriptionEntity,
  TopicEntity,
} from '../../src/amqp/index.ts';
import { startTestServer, testFolder } from '../amqp/server.fixture.ts';
import type { TestFolder } from '../amqp/server.fixture.ts';

/** A queue that is patient, but for what a test says of it. */
export function queue(name: string, more: Partial<QueueEntity> = {}): QueueEntity {
  return { name, maxDeliveryCount: 3, lockSeconds: 60, ...more };
}

export function subscription(
  name: string,
  more: Partial<SubscriptionEntity> = {},
): SubscriptionEntity {
  return { name, maxDeliveryCount: 3, lockSeconds: 60, ...more };
}

export function topic(
  name: string,
  subscriptions: readonly SubscriptionEntity[],
  more: Partial<TopicEntity> = {},
): TopicEntity {
  return { name, duplicateDetectionMinutes: 0, subscriptions, ...more };
}

export function entities(...all: readonly (QueueEntity | TopicEntity)[]): AmqpEntities {
  const isTopic = (each: QueueEntity | TopicEntity): each is TopicEntity => 'subscriptions' in each;
  const queues = all.filter((each): each is QueueEntity => !isTopic(each));
  return { eventHubs: [], topics: all.filter(isTopic), queues };
}

/** A Service Bus with a client, made anew for each test; paths are `queue` or `topic/subscription`. */
export class TestBus {
  readonly #entities: AmqpEntities;
  #folder!: TestFolder;
  #server!: AmqpServer;
  #offsetMs = 0;
  client!: ServiceBusClient;

  constructor(served: AmqpEntities) {
    this.#entities = served;
    beforeEach(async () => {
      this.#offsetMs = 0;
      this.#folder = testFolder();
      await this.#start({});
    });
    afterEach(async () => {
      await this.#stop();
      this.#folder[Symbol.dispose]();
    });
  }

  get connectionString(): string {
    return this.#server.connectionString;
  }

  connect(connection = this.connectionString): ServiceBusClient {
    return new ServiceBusClient(connection, { retryOptions: { maxRetries: 0, timeoutInMs: 3000 } });
  }

  /** Moves the server's clock on, by less than an hour: the clients' tokens would expire by it. */
  advance(ms: number): void {
    this.#offsetMs += ms;
  }

  now(): number {
    return Date.now() + this.#offsetMs;
  }

  /** Ends the server as it stands, and starts it again on the same data file. */
  async restart(options: Partial<AmqpOptions> = {}): Promise<void> {
    await this.#stop();
    await this.#start(options);
  }

  async #start(options: Partial<AmqpOptions>): Promise<void> {
    const { dataFile } = this.#folder;
    const clock = (): number => this.now();
    this.#server = await startTestServer({
      ...{ dataFile, entities: this.#entities, clock },
      ...options,
    });
    this.client = this.connect();
  }

  async #stop(): Promise<void> {
    await this.client.close();
    await this.#server.close();
  }

  async send(entity: string, ...messages: readonly ServiceBusMessage[]): Promise<void> {
    const sender = this.client.createSender(entity);
    const [first, ...others] = messages;
    if (first !== undefined && others.length === 0) await sender.sendMessages(first);
    else await sender.sendMessages([...messages]);
    await sender.close();
  }

  receiver(
    path: string,
    options: ServiceBusReceiverOptions = {},
    through = this.client,
  ): ServiceBusReceiver {
    const [first = path, second] = path.split('/');
    // A copy: the SDK takes fields out of the object that it is given.
    return second === undefined
      ? through.createReceiver(path, { ...options })
      : through.createReceiver(first, second, { ...options });
  }

  async takeOne(from: ServiceBusReceiver | string): Promise<ServiceBusReceivedMessage> {
    const receiver = typeof from === 'string' ? this.receiver(from) : from;
    const [message] = await receiver.receiveMessages(1, { maxWaitTimeInMs: 4000 });
    if (message === undefined) throw new Error('no message came');
    return message;
  }

  /** Waits for so many: a receiver that asks for more than there are waits a second longer. */
  async take(from: ServiceBusReceiver, count: number): Promise<ServiceBusReceivedMessage[]> {
    return from.receiveMessages(count, { maxWaitTimeInMs: 4000 });
  }

  /** Through a client of its own: the SDK goes on behind the last message that a client peeked at. */
  async peek(
    path: string,
    options: ServiceBusReceiverOptions = {},
  ): Promise<ServiceBusReceivedMessage[]> {
    const fresh = this.connect();
    const found = await this.receiver(path, options, fresh).peekMessages(250);
    await fresh.close();
    return found;
  }

  async bodies(path: string, options: ServiceBusReceiverOptions = {}): Promise<unknown[]> {
    return (await this.peek(path, options)).map((message) => message.body as unknown);
  }

  async isEmpty(path: string, options: ServiceBusReceiverOptions = {}): Promise<boolean> {
    return (await this.peek(path, options)).length === 0;
  }
}

export const deadLetters = { subQueueType: 'deadLetter' } as const;
export const receiveAndDelete = { receiveMode: 'receiveAndDelete' } as const;

/** Application properties for filters to look at. */
export function properties(
  given: Record<string, string | number | boolean | Date | null>,
): Pick<ServiceBusMessage, 'applicationProperties'> {
  return { applicationProperties: given };
}

export function numbered(count: number): ServiceBusMessage[] {
  return Array.from({ length: count }, (_, n) => ({ body: n }));
}

export function upTo(count: number): number[] {
  return Array.from({ length: count }, (_, n) => n);
}
