import type { EventData } from '@azure/event-hubs';
import { EventHubConsumerClient, EventHubProducerClient } from '@azure/event-hubs';
import type { ServiceBusMessage } from '@azure/service-bus';
import { ServiceBusClient } from '@azure/service-bus';
import { eventHubs, serviceBus } from '@headroom/topology';
import { partitions } from './payloads.ts';
import type { Reading } from './payloads.ts';

// What the real clients do, by connection string: the server behind it is one or the other.

export const QUEUE = serviceBus.queue.name;
const limitMs = 60_000;
const maxBatchSize = 1_000;

/** Events a second, from the first to the last of as many from four partitions. */
export async function receiveEvents(connection: string, reading: Reading): Promise<number> {
  const { hub, events } = reading;
  const consumer = new EventHubConsumerClient('$Default', connection, hub);
  const progress = new Progress(events);
  const options = {
    ...{ startPosition: { offset: '-1' }, maxBatchSize, prefetchCount: 3 * maxBatchSize },
    maxWaitTimeInSeconds: 1,
  };
  const readers = partitions.map((partition) =>
    consumer.subscribe(
      partition,
      {
        processEvents: (received) => {
          progress.add(received.length);
          return Promise.resolve();
        },
        processError: () => Promise.resolve(),
      },
      options,
    ),
  );
  const rate = await progress.rate(`events from ${hub}`);
  await Promise.all(readers.map((reader) => reader.close()));
  await consumer.close();
  return rate;
}

/** Events a second in batches of `perBatch`, four of them under way at a time. */
export async function sendEvents(
  connection: string,
  hub: string,
  body: unknown,
  { events, perBatch }: { events: number; perBatch: number },
): Promise<number> {
  const producer = new EventHubProducerClient(connection, hub);
  const batch: EventData[] = Array.from({ length: perBatch }, () => ({ body }));
  const send = (n: number) =>
    producer.sendBatch(batch, { partitionId: partitions[n % partitions.length] ?? '0' });
  await Promise.all(partitions.map((_, n) => send(n)));
  const rate = await inFlight(4, events / perBatch, send);
  await producer.close();
  return rate * perBatch;
}

/** Messages a second: `perSend` in one request, `width` requests under way. */
export async function sendMessages(
  connection: string,
  body: unknown,
  { messages, perSend, width }: { messages: number; perSend: number; width: number },
): Promise<number> {
  const client = new ServiceBusClient(connection);
  const sender = client.createSender(QUEUE);
  const one: ServiceBusMessage = { body };
  const what = perSend === 1 ? one : Array.from({ length: perSend }, () => one);
  await sender.sendMessages(one);
  const rate = await inFlight(width, messages / perSend, () => sender.sendMessages(what));
  await client.close();
  return rate * perSend;
}

/** Messages a second that are received and completed, 128 at a time. */
export async function completeMessages(connection: string, messages: number): Promise<number> {
  const client = new ServiceBusClient(connection);
  const receiver = client.createReceiver(QUEUE, { maxAutoLockRenewalDurationInMs: 0 });
  const progress = new Progress(messages);
  const subscription = receiver.subscribe(
    {
      processMessage: async (message) => {
        await receiver.completeMessage(message);
        progress.add(1);
      },
      processError: () => Promise.resolve(),
    },
    { autoCompleteMessages: false, maxConcurrentCalls: 128 },
  );
  const rate = await progress.rate(`messages of ${QUEUE}`);
  await subscription.close();
  await client.close();
  return rate;
}

/** Milliseconds from the call that sends to the handler, one message every `everyMs`. */
export async function eventLatencies(connection: string, count: number): Promise<number[]> {
  const hub = eventHubs.metrics.name;
  const producer = new EventHubProducerClient(connection, hub);
  const consumer = new EventHubConsumerClient('$Default', connection, hub);
  const last = 7;
  const waits = new Waits(count);
  const reader = consumer.subscribe(
    String(last),
    {
      processEvents: (events) => {
        for (const { body } of events) waits.arrived(Number(body));
        return Promise.resolve();
      },
      processError: () => Promise.resolve(),
    },
    { startPosition: { offset: '-1' }, maxBatchSize: 10, maxWaitTimeInSeconds: 1 },
  );
  await waits.measure((n) => producer.sendBatch([{ body: n }], { partitionId: String(last) }));
  await reader.close();
  await Promise.all([producer.close(), consumer.close()]);
  return waits.ms;
}

export async function messageLatencies(connection: string, count: number): Promise<number[]> {
  const client = new ServiceBusClient(connection);
  const sender = client.createSender(QUEUE);
  const receiver = client.createReceiver(QUEUE);
  const waits = new Waits(count);
  const subscription = receiver.subscribe({
    processMessage: (message) => {
      waits.arrived(Number(message.body));
      return Promise.resolve();
    },
    processError: () => Promise.resolve(),
  });
  await waits.measure((n) => sender.sendMessages({ body: n }));
  await subscription.close();
  await client.close();
  return waits.ms;
}

/** Runs `calls` calls, `width` at a time; calls a second. */
async function inFlight(
  width: number,
  calls: number,
  call: (n: number) => Promise<unknown>,
): Promise<number> {
  const startedAt = performance.now();
  let next = 0;
  const lane = async () => {
    for (let n = next++; n < calls; n = next++) await call(n);
  };
  await Promise.all(Array.from({ length: width }, lane));
  return (calls * 1_000) / (performance.now() - startedAt);
}

/** Counts what arrives. */
class Progress {
  readonly #wanted: number;
  readonly #done = Promise.withResolvers<undefined>();
  #count = 0;
  #first = 0;
  #beginAt = 0;
  #endAt = 0;

  constructor(wanted: number) {
    this.#wanted = wanted;
  }

  add(count: number): void {
    if (this.#count === 0) [this.#first, this.#beginAt] = [count, performance.now()];
    if (this.#count >= this.#wanted) return;
    this.#count += count;
    if (this.#count < this.#wanted) return;
    this.#endAt = performance.now();
    this.#done.resolve(undefined);
  }

  /** The first lot was on its way before the clock began. */
  async rate(what: string): Promise<number> {
    const late = setTimeout(() => {
      this.#done.reject(new Error(`bench: ${this.#count} ${what} of ${this.#wanted} in time`));
    }, limitMs);
    await this.#done.promise;
    clearTimeout(late);
    return ((this.#count - this.#first) * 1_000) / (this.#endAt - this.#beginAt);
  }
}

/** One after the other: each is sent when the one before it has arrived. */
class Waits {
  readonly ms: number[] = [];
  readonly #count: number;
  readonly #arrivals = new Map<number, () => void>();

  constructor(count: number) {
    this.#count = count;
  }

  arrived(n: number): void {
    this.#arrivals.get(n)?.();
  }

  async measure(send: (n: number) => Promise<unknown>): Promise<void> {
    // The first ones find connections to open and code to compile.
    const warmUp = 20;
    for (let n = 0; n < this.#count + warmUp; n++) {
      const arrival = new Promise<void>((resolve) => this.#arrivals.set(n, resolve));
      const startedAt = performance.now();
      await Promise.all([send(n), arrival]);
      if (n >= warmUp) this.ms.push(performance.now() - startedAt);
    }
  }
}
