import { describe, expect, jest, test } from '@jest/globals';
import fc from 'fast-check';
import { EventHubBufferedProducerClient, EventHubProducerClient } from '@azure/event-hubs';
import type {
  EventData,
  EventHubBufferedProducerClientOptions,
  ReceivedEventData,
} from '@azure/event-hubs';
import { until } from '../amqp/server.fixture.ts';
import { ONCE, useTestHub } from './hub.fixture.ts';

// A busy machine makes the SDKs slow; every wait has its own shorter bound.
jest.setTimeout(30_000);

const MEGABYTE = 1024 * 1024;
type AmqpAnnotatedMessage = ReturnType<ReceivedEventData['getRawAmqpMessage']>;
const hub = useTestHub();

function bufferedProducer(
  options: Partial<EventHubBufferedProducerClientOptions> = {},
): EventHubBufferedProducerClient {
  return new EventHubBufferedProducerClient(hub.server.connectionString, 'metrics', {
    ...ONCE,
    maxWaitTimeInMs: 50,
    onSendEventsErrorHandler: ({ error }) => expect(error).toBeUndefined(),
    ...options,
  });
}

describe('ways to send', () => {
  test('a batch takes events up to its limit, and then no more', async () => {
    const producer = hub.producer();
    const batch = await producer.createBatch({ partitionId: '0' });
    expect(batch.maxSizeInBytes).toBe(MEGABYTE);
    const body = 'x'.repeat(10_000);
    while (batch.tryAdd({ body }));
    expect(batch.count).toBeGreaterThan(100);
    await producer.sendBatch(batch);
    const reading = hub.read('0', { maxBatchSize: 200 });
    await until('all', () => reading.events.length === batch.count);

    const small = await producer.createBatch({ maxSizeInBytes: 500 });
    expect([small.tryAdd({ body: 'x'.repeat(300) }), small.tryAdd({ body })]).toEqual([
      true,
      false,
    ]);
    await expect(producer.createBatch({ maxSizeInBytes: 2 * MEGABYTE })).rejects.toThrow(
      /Max message size/,
    );
  });

  test('an array without key or partition goes to the partitions in turn', async () => {
    const producer = hub.producer();
    for (let n = 0; n < 4; n++) await producer.sendBatch([{ body: n }, { body: n }]);
    const [zero, one] = [hub.read('0'), hub.read('1')];
    await until('all', () => zero.events.length + one.events.length === 8);
    expect(zero.bodies()).toEqual([0, 0, 2, 2]);
    expect(one.bodies()).toEqual([1, 1, 3, 3]);
  });

  test('a partition id is where the events go', async () => {
    await hub.producer().sendBatch([{ body: 'here' }], { partitionId: '1' });
    const reading = hub.read('1');
    await until('the event', () => reading.events.length === 1);
    expect(reading.bodies()).toEqual(['here']);
    expect(await hub.producer().getPartitionProperties('0')).toMatchObject({ isEmpty: true });
  });

  test('many batches at once keep their events together and in order', async () => {
    const producer = hub.producer();
    const batches = Array.from({ length: 40 }, (_, lane) =>
      Array.from({ length: 5 }, (_, n) => ({ body: `${lane} ${n}` })),
    );
    await Promise.all(batches.map((batch) => producer.sendBatch(batch, { partitionId: '0' })));
    const reading = hub.read('0', { maxBatchSize: 200 });
    await until('all', () => reading.events.length === 200);
    const bodies = reading.bodies();
    for (let at = 0; at < bodies.length; at += 5) {
      const lane = String(bodies[at]).split(' ')[0];
      expect(bodies.slice(at, at + 5)).toEqual([0, 1, 2, 3, 4].map((n) => `${lane} ${n}`));
    }
  });
});

describe('partition keys', () => {
  test('a key lands where the buffered producer puts it', async () => {
    const producer = hub.producer();
    const key = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 40 });
    let placed: readonly string[] = [];
    const place = async (keys: readonly string[]): Promise<void> => {
      placed = keys;
      const buffered = bufferedProducer();
      for (const each of keys) {
        await producer.sendBatch([{ body: each }], { partitionKey: each });
        await buffered.enqueueEvent({ body: each }, { partitionKey: each });
      }
      await buffered.flush();
      await buffered.close();
    };
    // One run with many keys: a producer is slow to begin and to end.
    const keys = fc.uniqueArray(key, { minLength: 100, maxLength: 100 });
    await fc.assert(fc.asyncProperty(keys, place), { numRuns: 1, endOnFailure: true });
    const both = [hub.read('0'), hub.read('1')];
    await until('all, twice', () => {
      return both[0]!.events.length + both[1]!.events.length === 2 * placed.length;
    });
    for (const { events } of both) {
      const keys = events.map((event) => event.body as string).sort();
      expect(keys.length).toBeGreaterThan(placed.length / 2);
      expect(keys.filter((_, index) => index % 2 === 0)).toEqual(
        keys.filter((_, index) => index % 2 === 1),
      );
      // The buffered producer tells only the partition.
      const keyed = events.filter(({ partitionKey }) => typeof partitionKey === 'string');
      expect(keyed.map((event) => event.body as unknown)).toEqual(
        keyed.map(({ partitionKey }) => partitionKey),
      );
      expect(keyed).toHaveLength(events.length / 2);
    }
  });

  test('a key and a partition id together are refused', async () => {
    const both = { partitionId: '0', partitionKey: 'k' };
    await expect(hub.producer().sendBatch([{ body: 1 }], both)).rejects.toThrow(
      /partitionId.*partitionKey/,
    );
  });
});

describe('what an event carries', () => {
  test('body, properties, content type, ids and their types come back as they were', async () => {
    const events: EventData[] = [
      {
        body: { a: [1, 'x', null], b: { c: 1.5 } },
        properties: { path: 'push', ratio: 1.5, whole: 7, ok: true },
        contentType: 'application/json',
        correlationId: 'c-1',
        messageId: 'm-1',
      },
      { body: Buffer.from([0, 255, 1]), messageId: 7, correlationId: 8 },
      { body: null },
      { body: '' },
      { body: 'ünïcode 🙂' },
    ];
    await hub.send(events);
    const reading = hub.read('0');
    await until('all', () => reading.events.length === events.length);
    const got = reading.events.map(
      ({ body, properties, contentType, correlationId, messageId }) => ({
        ...{ body: body as unknown, properties, contentType, correlationId, messageId },
      }),
    );
    for (const [index, event] of events.entries()) {
      expect(got[index]).toEqual({ ...got[index], ...event });
    }
    const sequences = reading.events.map(({ sequenceNumber }) => sequenceNumber);
    expect(sequences).toEqual([0, 1, 2, 3, 4]);
    const offsets = reading.events.map(({ offset }) => Number(offset));
    expect(offsets).toEqual([...new Set(offsets)].sort((a, b) => a - b));
    expect(Date.now() - reading.events[0]!.enqueuedTimeUtc.getTime()).toBeLessThan(20_000);
  });

  test('all kinds of AMQP body, header, annotations and properties pass untouched', async () => {
    const messages: AmqpAnnotatedMessage[] = [
      { body: Buffer.from('bytes'), bodyType: 'data' },
      { body: { text: 'one value', list: [1, 2] }, bodyType: 'value' },
      { body: [['a', 'row'], [1, 2]], bodyType: 'sequence' }, // prettier-ignore
      {
        body: 'with everything',
        bodyType: 'value',
        header: { durable: true, priority: 3, timeToLive: 60_000 },
        messageAnnotations: { 'x-own': 'mine', 'x-opt-offset': 'not mine to give' },
        properties: {
          subject: 'the subject',
          to: 'somebody',
          replyTo: 'me',
          groupId: 'g',
          groupSequence: 4,
          contentEncoding: 'gzip',
        },
        applicationProperties: { deep: 'x'.repeat(300), many: 2 ** 40 },
      },
    ];
    await hub.producer().sendBatch(messages, { partitionId: '0' });
    const reading = hub.read('0', { skipParsingBodyAsJson: true });
    await until('all', () => reading.events.length === messages.length);
    const raw = reading.events.map((event) => event.getRawAmqpMessage());
    expect(raw.map(({ bodyType }) => bodyType)).toEqual(['data', 'value', 'sequence', 'value']);
    expect(raw.map(({ body }) => contentOf(body))).toEqual(
      messages.map(({ body }) => body as unknown),
    );
    const whole = raw[3];
    expect(whole).toMatchObject({
      header: messages[3]!.header!,
      properties: messages[3]!.properties!,
      applicationProperties: messages[3]!.applicationProperties!,
      messageAnnotations: { 'x-own': 'mine', 'x-opt-offset': reading.events[3]!.offset },
    });
  });
});

/** The SDK hands data and sequences over as the sections of its AMQP library. */
function contentOf(body: unknown): unknown {
  const section = body as { readonly content?: unknown } | string;
  return typeof section === 'object' ? (section.content ?? section) : section;
}

describe('limits', () => {
  test('an event of 900 KB passes, over many frames; one above 1 MiB does not', async () => {
    const body = 'x'.repeat(900_000);
    await hub.producer().sendBatch([{ body }], { partitionId: '0' });
    const reading = hub.read('0');
    await until('the event', () => reading.events.length === 1);
    expect(reading.events[0]!.body).toBe(body);
    const tooLarge = [{ body: 'x'.repeat(1_100_000) }];
    await expect(hub.producer().sendBatch(tooLarge)).rejects.toMatchObject({
      code: 'MessageTooLargeError',
    });
    await hub.producer().sendBatch([{ body: 'the link goes on' }], { partitionId: '0' });
    await until('the next event', () => reading.events.length === 2);
  });

  test('an idempotent producer is refused with the reason', async () => {
    const errors: Error[] = [];
    const buffered = bufferedProducer({
      enableIdempotentRetries: true,
      onSendEventsErrorHandler: ({ error }) => void errors.push(error),
    });
    await buffered.enqueueEvent({ body: 1 }, { partitionId: '0' });
    await until('the refusal', () => errors.length > 0);
    expect(errors[0]).toMatchObject({ code: 'NotImplementedError' });
    expect(errors[0]?.message).toMatch(/enableIdempotentRetries.*not supported/);
    await buffered.close({ flush: false });
  });

  test('the buffered producer keeps order within a partition and reports success', async () => {
    let succeeded = 0;
    const buffered = bufferedProducer({
      onSendEventsSuccessHandler: ({ events }) => void (succeeded += events.length),
    });
    for (let body = 0; body < 500; body++) {
      await buffered.enqueueEvent({ body }, { partitionId: '0' });
    }
    await buffered.flush();
    await buffered.close();
    expect(succeeded).toBe(500);
    const reading = hub.read('0', { maxBatchSize: 500 });
    await until('all', () => reading.events.length === 500);
    expect(reading.bodies()).toEqual(Array.from({ length: 500 }, (_, n) => n));
  });
});

test('a producer that was closed is another one away', async () => {
  const { connectionString } = hub.server;
  const first = new EventHubProducerClient(connectionString, 'metrics', ONCE);
  await first.sendBatch([{ body: 1 }], { partitionId: '0' });
  await first.close();
  await hub.producer().sendBatch([{ body: 2 }], { partitionId: '0' });
  expect(await hub.bodiesFrom({ offset: '-1' }, 2)).toEqual([1, 2]);
});
