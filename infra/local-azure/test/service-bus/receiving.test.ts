import { describe, expect, jest, test } from '@jest/globals';
import { until } from '../amqp/server.fixture.ts';
import { TestBus, entities, numbered, queue, receiveAndDelete, upTo } from './bus.fixture.ts';

jest.setTimeout(30_000);

const bus = new TestBus(entities(queue('orders')));

describe('receive-and-delete', () => {
  test('gives a message once, and deletes it', async () => {
    await bus.send('orders', ...numbered(3));
    const from = bus.receiver('orders', receiveAndDelete);
    const found = await bus.take(from, 2);
    expect(found.map(({ body }) => body as unknown)).toEqual([0, 1]);
    expect(found[0]!.lockToken).toBeUndefined();
    expect(await bus.bodies('orders')).toEqual([2]);
    await bus.restart();
    expect(await bus.bodies('orders')).toEqual([2]);
  });
});

describe('ways to receive', () => {
  test('receiveMessages on an empty queue ends after the wait', async () => {
    const from = bus.receiver('orders');
    expect(await from.receiveMessages(1, { maxWaitTimeInMs: 200 })).toEqual([]);
    await bus.send('orders', { body: 1 });
    expect(await from.receiveMessages(1, { maxWaitTimeInMs: 4000 })).toHaveLength(1);
  });

  test('receiveMessages that gets fewer than it asked for leaves no message locked', async () => {
    await bus.send('orders', ...numbered(2));
    const from = bus.receiver('orders');
    const found = await from.receiveMessages(10, { maxWaitTimeInMs: 500 });
    expect(found).toHaveLength(2);
    await bus.send('orders', { body: 'after' });
    expect(await bus.takeOne('orders')).toMatchObject({ body: 'after', deliveryCount: 0 });
  });

  test('subscribe handles each message in order, and completes what did not fail', async () => {
    await bus.send('orders', ...numbered(20));
    const seen: unknown[] = [];
    const errors: string[] = [];
    const subscription = bus.receiver('orders').subscribe({
      processMessage: (message) => {
        seen.push(message.body);
        return message.body === 5 && message.deliveryCount === 0
          ? Promise.reject(new Error('not now'))
          : Promise.resolve();
      },
      processError: ({ error }) => {
        errors.push(error.message);
        return Promise.resolve();
      },
    });
    await until('an empty queue', () => bus.isEmpty('orders'));
    await subscription.close();
    expect(errors).toEqual(['not now']);
    expect(seen.toSpliced(seen.lastIndexOf(5), 1)).toEqual(upTo(20));
  });

  test('the async iterator gives messages as they come', async () => {
    await bus.send('orders', ...numbered(3));
    const from = bus.receiver('orders');
    const seen: unknown[] = [];
    for await (const message of from.getMessageIterator()) {
      seen.push(message.body);
      await from.completeMessage(message);
      if (seen.length === 3) break;
    }
    expect(seen).toEqual([0, 1, 2]);
    await from.close();
    expect(await bus.isEmpty('orders')).toBe(true);
  });

  test('several receivers share a queue; nothing is given out twice', async () => {
    await bus.send('orders', ...numbered(300));
    const seen: number[] = [];
    const subscriptions = upTo(4).map(() =>
      bus.receiver('orders').subscribe(
        {
          processMessage: (message) => {
            seen.push(message.body as number);
            return Promise.resolve();
          },
          processError: () => Promise.resolve(),
        },
        { maxConcurrentCalls: 8 },
      ),
    );
    await until('300 messages', () => seen.length >= 300);
    await until('an empty queue', () => bus.isEmpty('orders'));
    await Promise.all(subscriptions.map((subscription) => subscription.close()));
    expect(new Set(seen).size).toBe(300);
    expect(seen).toHaveLength(300);
  });

  test('a client that goes away in the middle gives back what it was given, after the lock', async () => {
    await bus.send('orders', ...numbered(3));
    const gone = bus.connect();
    const from = bus.receiver('orders', {}, gone);
    expect(await bus.take(from, 3)).toHaveLength(3);
    await gone.close();
    bus.advance(61_000);
    const again = await bus.take(bus.receiver('orders'), 3);
    expect(again.map(({ body, deliveryCount }) => [body as unknown, deliveryCount])).toEqual([
      [0, 1],
      [1, 1],
      [2, 1],
    ]);
  });
});
