import type { EventData, EventHubConsumerClient, EventHubProducerClient } from '@azure/event-hubs';
import { instant } from '@headroom/core';
import type { Instant } from '@headroom/core';
import type { LogIdentity } from '@headroom/ports';
import type { Clients } from './clients.ts';
import { HubRefused, hubError } from './errors.ts';

/** What a partition holds now. */
export interface SequenceRange {
  /** The oldest that retention still holds. */
  readonly first: number;
  /** −1 where nothing was ever written. */
  readonly last: number;
  /** When that was enqueued. */
  readonly lastAt: Instant;
}

/** A partition, or the one that the hub chooses for a key, always the same. */
export type SentTo = { readonly partitionId?: string } | { readonly partitionKey: string };

/** One hub: who it is, what it holds, and sending to it. Everything that it throws is mapped. */
export class HubClient {
  readonly name: string;
  readonly #clients: Clients;
  #producer: EventHubProducerClient | undefined;
  #identity: Promise<LogIdentity> | undefined;

  constructor(name: string, clients: Clients) {
    this.name = name;
    this.#clients = clients;
  }

  /** Asked of the broker once; a failure is not remembered. */
  identity(): Promise<LogIdentity> {
    this.#identity ??= this.#readIdentity().catch((error: unknown) => {
      this.#identity = undefined;
      throw error;
    });
    return this.#identity;
  }

  async range(partition: number): Promise<SequenceRange> {
    const found = await this.#ask((sender) => sender.getPartitionProperties(String(partition)));
    return {
      first: found.beginningSequenceNumber,
      last: found.lastEnqueuedSequenceNumber,
      lastAt: instant(found.lastEnqueuedOnUtc.getTime()),
    };
  }

  /** In order, in as few messages as fit; to any partition where `to` names none. */
  async send(events: readonly EventData[], to: SentTo = {}): Promise<void> {
    await this.#ask(async (sender) => {
      for (let next = 0; next < events.length;) {
        const batch = await sender.createBatch(to);
        const first = next;
        for (let event = events[next]; event !== undefined; event = events[next]) {
          if (!batch.tryAdd(event)) break;
          next++;
        }
        if (next === first) throw this.#tooLarge(events[first], batch.maxSizeInBytes);
        await sender.sendBatch(batch);
      }
    });
  }

  /** A connection of its own: who asks for it closes it. */
  consumer(group: string): EventHubConsumerClient {
    return this.#clients.consumer(this.name, group);
  }

  async close(): Promise<void> {
    const producer = this.#producer;
    this.#producer = undefined;
    await producer?.close();
  }

  async #readIdentity(): Promise<LogIdentity> {
    const hub = await this.#ask((sender) => sender.getEventHubProperties());
    return {
      logId: `${this.name}@${hub.createdOn.getTime()}`,
      partitions: hub.partitionIds.length,
    };
  }

  async #ask<T>(question: (sender: EventHubProducerClient) => Promise<T>): Promise<T> {
    this.#producer ??= this.#clients.producer(this.name);
    try {
      return await question(this.#producer);
    } catch (error) {
      throw hubError(error, this.name);
    }
  }

  #tooLarge(event: EventData | undefined, limit: number): HubRefused {
    const body: unknown = event?.body;
    const bytes = body instanceof Uint8Array ? body.byteLength : 0;
    const what = `event hub '${this.name}' takes ${limit} bytes a message, and one has ${bytes}: send smaller ones`;
    return new HubRefused(this.name, 'MessageTooLargeError', what);
  }
}
