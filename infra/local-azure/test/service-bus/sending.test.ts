import { describe, expect, jest, test } from '@jest/globals';
import {
  TestBus,
  entities,
  numbered,
  properties,
  queue,
  receiveAndDelete,
  subscription,
  topic,
  upTo,
} from './bus.fixture.ts';

jest.setTimeout(30_000);

const bus = new TestBus(entities(queue('orders'), topic('news', [subscription('all')])));

describe('sending', () => {
  test('a message keeps its body, its properties and their types', async () => {
    const message = {
      ...{ body: { a: [1, 2.5, 'x'] }, messageId: 'id-1', correlationId: 'c-1', subject: 'scale' },
      ...{ to: 'there', replyTo: 'back', replyToSessionId: 'r', contentType: 'application/json' },
      ...{ partitionKey: 'p', timeToLive: 60_000 },
      ...properties({ kind: 'scale', count: 3, ratio: 0.5, ok: true, no: null }),
    };
    await bus.send('orders', message);
    const received = await bus.takeOne('orders');
    expect(received).toMatchObject({ ...message, deliveryCount: 0, state: 'active' });
    expect(received.sequenceNumber?.toNumber()).toBe(1);
    expect(received.enqueuedSequenceNumber).toBe(1);
    expect(received.enqueuedTimeUtc!.getTime()).toBeGreaterThan(Date.now() - 20_000);
    expect(received.expiresAtUtc!.getTime()).toBeGreaterThan(Date.now() + 30_000);
  });

  test.each<[string, unknown]>([
    ['a text', 'plain'],
    ['bytes', Buffer.from([0, 1, 255])],
    ['null', null],
    ['a list', [1, { b: false }]],
  ])('a body may be %s', async (_, body) => {
    await bus.send('orders', { body });
    expect((await bus.takeOne('orders')).body).toEqual(body);
  });

  test('an AMQP message with a value or a sequence as its body arrives as one', async () => {
    const sender = bus.client.createSender('orders');
    await sender.sendMessages({ body: { n: 1 }, bodyType: 'value' });
    await sender.sendMessages({ body: [[1, 2]], bodyType: 'sequence' });
    const found = await bus.take(bus.receiver('orders'), 2);
    expect(found.map((each) => [each._rawAmqpMessage.bodyType, each.body as unknown])).toEqual([
      ['value', { n: 1 }],
      ['sequence', [[1, 2]]],
    ]);
  });

  test('a message without an id gets one', async () => {
    await bus.send('orders', { body: 1 });
    expect((await bus.takeOne('orders')).messageId).toMatch(/^[0-9a-f-]{36}$/);
  });

  test('an array arrives whole and in order', async () => {
    await bus.send('orders', ...numbered(50));
    expect(await bus.bodies('orders')).toEqual(upTo(50));
  });

  test('a batch takes messages up to the size limit, and arrives whole', async () => {
    const sender = bus.client.createSender('orders');
    const batch = await sender.createMessageBatch();
    expect(batch.maxSizeInBytes).toBe(1024 * 1024);
    const body = 'x'.repeat(100_000);
    while (batch.tryAddMessage({ body }));
    expect(batch.count).toBe(10);
    await sender.sendMessages(batch);
    const small = await sender.createMessageBatch({ maxSizeInBytes: 1000 });
    expect(small.tryAddMessage({ body })).toBe(false);
    expect(await bus.peek('orders')).toHaveLength(5);
    const found = await bus.take(bus.receiver('orders', receiveAndDelete), 10);
    expect(found.map((message) => message.body as unknown)).toEqual(Array(10).fill(body));
  });

  test('a message of 900 KB passes; one above 1 MiB is refused', async () => {
    const body = 'x'.repeat(900_000);
    await bus.send('orders', { body });
    expect((await bus.takeOne('orders')).body).toBe(body);
    await expect(bus.send('orders', { body: 'x'.repeat(1_100_000) })).rejects.toMatchObject({
      code: 'MessageSizeExceeded',
    });
  });

  test('properties of more than 64 KiB are refused', async () => {
    const large = { body: 1, ...properties({ large: 'x'.repeat(70_000) }) };
    await expect(bus.send('orders', large)).rejects.toThrow(/65536 are allowed/);
    expect(await bus.isEmpty('orders')).toBe(true);
  });

  test('sends of one sender keep their order, many in flight', async () => {
    const sender = bus.client.createSender('orders');
    await Promise.all(numbered(200).map((message) => sender.sendMessages(message)));
    expect(await bus.bodies('orders')).toEqual(upTo(200));
  });

  test('a full entity refuses, names the quota, and takes again with room', async () => {
    await bus.restart({ maxEntityBytes: 1000 });
    const large = { body: 'x'.repeat(600) };
    await bus.send('orders', large);
    await expect(bus.send('orders', large)).rejects.toThrow(
      /size quota of 'orders' \(1000 bytes\)/,
    );
    await expect(bus.send('orders', large)).rejects.toMatchObject({ code: 'QuotaExceeded' });
    await bus.takeOne(bus.receiver('orders', receiveAndDelete));
    await bus.send('orders', large);
    expect(await bus.peek('orders')).toHaveLength(1);
  });

  test('a topic copies to every subscription; sending to one of them is refused', async () => {
    await bus.send('news', { body: 1 });
    expect(await bus.bodies('news/all')).toEqual([1]);
    await expect(bus.send('news/Subscriptions/all', { body: 1 })).rejects.toThrow(
      /send to its queue or topic/,
    );
  });
});
