import { connectServiceBus } from '@headroom/azure-service-bus';
import type { ServiceBus } from '@headroom/azure-service-bus';
import { startBroker } from './amqp-broker.ts';
import type { Broker } from './amqp-broker.ts';
import { quietLog } from './quiet-log.ts';

/** Names of one topic with its subscriptions, and of the queue that it forwards to. */
export interface BusEntities {
  readonly topic: string;
  readonly queue: string;
}

export const records = 'audit';

/** A broker with as many topics as asked for, each as the system's own, with fewer deliveries. */
export class TestBus {
  readonly broker: Broker;
  readonly bus: ServiceBus;
  #next = 0;

  static async start(topics: number): Promise<TestBus> {
    const names = Array.from({ length: topics }, (_, at) => namesOf(at));
    const broker = await startBroker({
      eventHubs: [],
      topics: names.map(({ topic, queue }) => ({
        name: topic,
        duplicateDetectionMinutes: 10,
        subscriptions: [
          { name: records, maxDeliveryCount: 10, lockSeconds: 60 },
          {
            ...{ name: 'scale', maxDeliveryCount: 10, lockSeconds: 60 },
            filter: "kind IN ('scale', 'read')",
            forwardTo: queue,
          },
        ],
      })),
      queues: names.map(({ queue }) => ({
        ...{ name: queue, maxDeliveryCount: 3, lockSeconds: 60 },
        duplicateDetectionMinutes: 10,
      })),
    });
    const { connectionString } = broker;
    return new TestBus(broker, connectServiceBus({ connectionString }, quietLog));
  }

  private constructor(broker: Broker, bus: ServiceBus) {
    this.broker = broker;
    this.bus = bus;
  }

  fresh(): BusEntities {
    return namesOf(this.#next++);
  }

  async close(): Promise<void> {
    await this.bus.close();
    await this.broker.close();
  }
}

function namesOf(at: number): BusEntities {
  return { topic: `decisions${at}`, queue: `scale-commands${at}` };
}
