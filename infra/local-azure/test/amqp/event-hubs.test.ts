import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import {
  EventHubBufferedProducerClient,
  EventHubConsumerClient,
  EventHubProducerClient,
} from '@azure/event-hubs';
import type {
  EventPosition,
  PartitionContext,
  ReceivedEventData,
  SubscribeOptions,
  Subscription,
} from '@azure/event-hubs';
import type { AmqpOptions, AmqpServer } from '../../src/amqp/index.ts';
import { startTestServer, testEntities, testFolder, until } from './server.fixture.ts';
import type { TestFolder } from './server.fixture.ts';

const QUICK = { retryOptions: { maxRetries: 0, timeoutInMs: 5000 } };
const earliest: EventPosition = { offset: '-1' };

// A busy machine makes the SDKs slow; every wait has its own shorter bound.
jest.setTimeout(30_000);

let folder: TestFolder;
let server: AmqpServer;
let producer: EventHubProducerClient;
const cleanups: (() => Promise<void>)[] = [];

beforeEach(async () => {
  folder = testFolder();
  server = await startTestServer({ dataFile: folder.dataFile });
  producer = newProducer();
});

afterEach(async () => {
  for (const clean of cleanups.splice(0).reverse()) await clean();
  await server.close();
  folder[Symbol.dispose]();
});

async function restart(options: Partial<AmqpOptions>): Promise<void> {
  await server.close();
  server = await startTestServer(options);
  producer = newProducer();
}

function newProducer(
  hub = 'metrics',
  connection = server.connectionString,
): EventHubProducerClient {
  const client = new EventHubProducerClient(connection, hub, QUICK);
  cleanups.push(() => client.close());
  return client;
}

interface Reading {
  readonly events: ReceivedEventData[];
  readonly errors: Error[];
  readonly contexts: PartitionContext[];
  readonly subscription: Subscription;
}

function read(
  partitionId: string,
  options: SubscribeOptions & { group?: string; hub?: string } = {},
): Reading {
  const { group = 'router', hub = 'metrics', ...rest } = options;
  const client = new EventHubConsumerClient(group, server.connectionString, hub, {
    retryOptions: { maxRetries: 0, timeoutInMs: 5000, retryDelayInMs: 100 },
  });
  const [events, errors, contexts] = [[], [], []] as [
    ReceivedEventData[],
    Error[],
    PartitionContext[],
  ];
  const subscription = client.subscribe(
    partitionId,
    {
      processEvents: (batch, context) => {
        events.push(...batch);
        contexts.push(context);
        return Promise.resolve();
      },
      processError: (error) => {
        errors.push(error);
        return Promise.resolve();
      },
    },
    { startPosition: earliest, maxBatchSize: 100, maxWaitTimeInSeconds: 1, ...rest },
  );
  cleanups.push(async () => {
    await subscription.close();
    await client.close();
  });
  return { events, errors, contexts, subscription };
}

async function sendNumbers(count: number, partitionId = '0'): Promise<void> {
  const batch = await producer.createBatch({ partitionId });
  for (let n = 0; n < count; n++) expect(batch.tryAdd({ body: n })).toBe(true);
  await producer.sendBatch(batch);
}

async function bodiesFrom(startPosition: EventPosition, count: number): Promise<unknown[]> {
  const reading = read('0', { startPosition });
  await until(`${count} events`, () => reading.events.length >= count);
  return reading.events.map((event) => event.body as unknown);
}

describe('properties', () => {
  test('of a hub: name, partitions, and a creation time for its life', async () => {
    const before = await producer.getEventHubProperties();
    expect(before).toMatchObject({ name: 'metrics', partitionIds: ['0', '1'] });
    await server.close();
    server = await startTestServer({ dataFile: folder.dataFile, clock: () => Date.now() + 5000 });
    const after = await newProducer().getEventHubProperties();
    expect(after.createdOn).toEqual(before.createdOn);
  });

  test('of a partition: empty at first, then its last event', async () => {
    const empty = await producer.getPartitionProperties('0');
    expect(empty).toMatchObject({ isEmpty: true, lastEnqueuedSequenceNumber: -1 });
    await sendNumbers(3);
    const three = await producer.getPartitionProperties('0');
    expect(three).toMatchObject({
      isEmpty: false,
      beginningSequenceNumber: 0,
      lastEnqueuedSequenceNumber: 2,
    });
  });

  test('a hub or a partition that is not there is named in the error', async () => {
    await expect(newProducer('nope').getEventHubProperties()).rejects.toMatchObject({
      code: 'MessagingEntityNotFoundError',
    });
    await expect(producer.getPartitionProperties('7')).rejects.toThrow(/metrics\/Partitions\/7/);
    await expect(newProducer('nope').sendBatch([{ body: 1 }])).rejects.toMatchObject({
      code: 'MessagingEntityNotFoundError',
    });
    const lost = read('0', { hub: 'nope' });
    await until('an error', () => lost.errors.length > 0);
    expect(lost.errors[0]?.message).toMatch(/could not be found/);
    const group = read('0', { group: 'nobody' });
    await until('an error', () => group.errors.length > 0);
    expect(group.errors[0]?.message).toMatch(/ConsumerGroups\/nobody/);
  });

  test('a hub whose partition count changed is refused at the start', async () => {
    await server.close();
    const [hub] = testEntities.eventHubs;
    const entities = { ...testEntities, eventHubs: [{ ...hub!, partitions: 4 }] };
    await expect(startTestServer({ dataFile: folder.dataFile, entities })).rejects.toThrow(
      /was created with 2 partitions/,
    );
    server = await startTestServer({ dataFile: folder.dataFile });
  });
});

describe('sending and receiving', () => {
  test('events keep body, properties, types and order', async () => {
    const properties = { path: 'push', ratio: 1.5, whole: 7, ok: true };
    await producer.sendBatch(
      [{ body: { a: [1, 'x'] }, properties }, { body: Buffer.from('raw') }],
      {
        partitionId: '0',
      },
    );
    const reading = read('0');
    await until('two events', () => reading.events.length === 2);
    const [first, second] = reading.events;
    expect(first).toMatchObject({ body: { a: [1, 'x'] }, properties, sequenceNumber: 0 });
    expect(second).toMatchObject({ body: Buffer.from('raw'), sequenceNumber: 1 });
    expect(Number(second!.offset)).toBeGreaterThan(Number(first!.offset));
  });

  test('a reader at the end sees what is sent afterwards, and nothing older', async () => {
    await sendNumbers(2);
    const reading = read('0', { startPosition: { offset: '@latest' } });
    await until('the link to be there', async () => {
      await producer.sendBatch([{ body: 'new' }], { partitionId: '0' });
      return reading.events.length > 0;
    });
    expect(new Set(reading.events.map((event) => event.body as unknown))).toEqual(new Set(['new']));
  });

  test('start positions: offset, sequence number, time; inclusive or not', async () => {
    await sendNumbers(5);
    const all = read('0');
    await until('five events', () => all.events.length === 5);
    const third = all.events[2]!;
    expect(await bodiesFrom({ offset: third.offset }, 2)).toEqual([3, 4]);
    expect(await bodiesFrom({ offset: third.offset, isInclusive: true }, 3)).toEqual([2, 3, 4]);
    expect(await bodiesFrom({ sequenceNumber: 2 }, 2)).toEqual([3, 4]);
    expect(await bodiesFrom({ sequenceNumber: 2, isInclusive: true }, 3)).toEqual([2, 3, 4]);
    expect(await bodiesFrom({ enqueuedOn: third.enqueuedTimeUtc.getTime() - 1 }, 5)).toHaveLength(
      5,
    );
  });

  test('a start time between two sends finds the later one', async () => {
    let now = 1_800_000_000_000;
    await server.close();
    server = await startTestServer({ clock: () => now });
    // Tokens are made by the machine's clock and must not have expired by the server's.
    now = Date.now() - 60_000;
    producer = newProducer();
    await producer.sendBatch([{ body: 'early' }], { partitionId: '0' });
    now += 10_000;
    await producer.sendBatch([{ body: 'late' }], { partitionId: '0' });
    expect(await bodiesFrom({ enqueuedOn: now - 5000 }, 1)).toEqual(['late']);
  });

  test('enqueued times never go back, also when the clock does', async () => {
    await sendNumbers(1);
    const { lastEnqueuedOnUtc } = await producer.getPartitionProperties('0');
    await server.close();
    server = await startTestServer({
      dataFile: folder.dataFile,
      clock: () => lastEnqueuedOnUtc.getTime() - 60_000,
    });
    producer = newProducer();
    await sendNumbers(1);
    const after = await producer.getPartitionProperties('0');
    expect(after.lastEnqueuedSequenceNumber).toBe(1);
    expect(after.lastEnqueuedOnUtc).toEqual(lastEnqueuedOnUtc);
  });

  test('a key goes to the partition that the buffered producer computes for it', async () => {
    const keys = Array.from({ length: 24 }, (_, n) => 'k'.repeat(n % 14) + String(n));
    for (const key of keys) await producer.sendBatch([{ body: key }], { partitionKey: key });
    const buffered = new EventHubBufferedProducerClient(server.connectionString, 'metrics', {
      onSendEventsErrorHandler: () => undefined,
    });
    for (const key of keys) await buffered.enqueueEvent({ body: key }, { partitionKey: key });
    await buffered.flush();
    await buffered.close();
    const [zero, one] = [read('0'), read('1')];
    await until('all events', () => zero.events.length + one.events.length === 2 * keys.length);
    expect(zero.events.length).toBeGreaterThan(0);
    expect(one.events.length).toBeGreaterThan(0);
    const bodies = new Set(zero.events.map((event) => event.body as string));
    expect(one.events.filter((event) => bodies.has(event.body as string))).toEqual([]);
    expect(zero.events[0]!.partitionKey).toBe(zero.events[0]!.body);
  });

  test('an event of 900 KB passes, over many frames; one above 1 MiB does not', async () => {
    const body = 'x'.repeat(900_000);
    await producer.sendBatch([{ body }], { partitionId: '0' });
    const reading = read('0');
    await until('the event', () => reading.events.length === 1);
    expect(reading.events[0]!.body).toBe(body);
    await expect(
      producer.sendBatch([{ body: 'x'.repeat(1_100_000) }], { partitionId: '0' }),
    ).rejects.toMatchObject({ code: 'MessageTooLargeError' });
  });

  test('thousands of events arrive in order, from disk and from memory', async () => {
    await sendNumbers(4000);
    await server.close();
    server = await startTestServer({ dataFile: folder.dataFile });
    producer = newProducer();
    await sendNumbers(4000);
    const reading = read('0', { maxBatchSize: 1000, prefetchCount: 3000 });
    await until('8000 events', () => reading.events.length === 8000);
    expect(reading.events.map((event) => event.sequenceNumber)).toEqual(
      Array.from({ length: 8000 }, (_, n) => n),
    );
  });

  test('trackLastEnqueuedEventProperties tells where the partition ends', async () => {
    await sendNumbers(3);
    const reading = read('0', { trackLastEnqueuedEventProperties: true });
    await until('three events', () => reading.events.length === 3);
    expect(reading.contexts.at(-1)!.lastEnqueuedEventProperties).toMatchObject({
      sequenceNumber: 2,
      offset: reading.events[2]!.offset,
    });
  });
});

describe('owner level', () => {
  test('a higher level takes the partition over; a lower one is refused', async () => {
    const first = read('0', { ownerLevel: 1 });
    await sendNumbers(1);
    await until('the first reader to read', () => first.events.length === 1);
    const second = read('0', { ownerLevel: 2 });
    await until('the first reader to lose', () => first.errors.length > 0);
    expect(first.errors[0]).toMatchObject({ code: 'ReceiverDisconnectedError' });
    await until('the second reader to read', () => second.events.length === 1);
    const late = read('0', { ownerLevel: 1 });
    const none = read('0');
    await until('both refusals', () => late.errors.length > 0 && none.errors.length > 0);
    expect(late.errors[0]).toMatchObject({ code: 'ReceiverDisconnectedError' });
    expect(none.errors[0]).toMatchObject({ code: 'ReceiverDisconnectedError' });
    expect(second.errors).toEqual([]);
  });

  test('groups do not disturb each other', async () => {
    const router = read('0', { ownerLevel: 1 });
    const other = read('0', { ownerLevel: 1, group: '$Default' });
    await sendNumbers(2);
    await until('both', () => router.events.length === 2 && other.events.length === 2);
    expect([...router.errors, ...other.errors]).toEqual([]);
  });
});

describe('trust and time', () => {
  test('a wrong key is refused with the reason', async () => {
    const wrong = server.connectionString.replace('c2VjcmV0', 'd3Jvbmc=');
    await expect(newProducer('metrics', wrong).getEventHubProperties()).rejects.toThrow(
      /signature of the token is wrong/,
    );
    await expect(newProducer('metrics', wrong).getEventHubProperties()).rejects.toMatchObject({
      code: 'UnauthorizedError',
    });
  });

  test('a wrong key name is refused', async () => {
    const wrong = server.connectionString.replace('KeyName=test', 'KeyName=other');
    await expect(newProducer('metrics', wrong).sendBatch([{ body: 1 }])).rejects.toMatchObject({
      code: 'UnauthorizedError',
    });
  });

  test('an expired token is refused', async () => {
    await server.close();
    server = await startTestServer({ clock: () => Date.now() + 2 * 3_600_000 });
    await expect(newProducer().getEventHubProperties()).rejects.toThrow(/has expired/);
  });

  test('events older than the retention go, and positions do not start again', async () => {
    const { dataFile } = folder;
    await restart({ dataFile, clock: () => Date.now() - 2 * 3_600_000 });
    await sendNumbers(3);
    await restart({ dataFile, clock: () => Date.now() - 1_800_000 });
    await producer.sendBatch([{ body: 'young' }], { partitionId: '0' });
    await restart({ dataFile, housekeepingMs: 20 });
    await until('the old events to go', async () => {
      const properties = await producer.getPartitionProperties('0');
      return properties.beginningSequenceNumber === 3;
    });
    expect(await bodiesFrom(earliest, 1)).toEqual(['young']);
  });

  test('a partition whose events are all gone goes on counting after a restart', async () => {
    const { dataFile } = folder;
    await restart({ dataFile, clock: () => Date.now() - 2 * 3_600_000 });
    await sendNumbers(2);
    await restart({ dataFile, housekeepingMs: 20 });
    await until('an empty partition', async () => {
      return (await producer.getPartitionProperties('0')).isEmpty;
    });
    await restart({ dataFile });
    await sendNumbers(1);
    expect((await producer.getPartitionProperties('0')).lastEnqueuedSequenceNumber).toBe(2);
  });
});
