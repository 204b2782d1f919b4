import { describe, expect, jest, test } from '@jest/globals';
import { until } from '../amqp/server.fixture.ts';
import { TestBus, entities, properties, queue, subscription, topic } from './bus.fixture.ts';

jest.setTimeout(30_000);

const bus = new TestBus(
  entities(
    queue('orders'),
    topic('news', [subscription('all'), subscription('scale', { filter: "kind = 'scale'" })]),
  ),
);

/** Not longer: the clients' tokens would have expired by the server's clock. */
const LATER_MS = 20 * 60_000;

function later(): Date {
  return new Date(bus.now() + LATER_MS);
}

describe('scheduled messages', () => {
  test('come at their time, however they were scheduled, in the order of their times', async () => {
    const sender = bus.client.createSender('orders');
    const at = later();
    const [sequence] = await sender.scheduleMessages({ body: 'managed' }, at);
    await sender.sendMessages([
      { body: 'sent', scheduledEnqueueTimeUtc: at },
      { body: 'earlier', scheduledEnqueueTimeUtc: new Date(at.getTime() - 1000) },
      { body: 'now' },
    ]);
    expect(sequence!.toNumber()).toBeGreaterThan(0);
    const states = (await bus.peek('orders')).map(({ body, state }) => [body as unknown, state]);
    expect(states).toEqual([
      ['managed', 'scheduled'],
      ['sent', 'scheduled'],
      ['earlier', 'scheduled'],
      ['now', 'active'],
    ]);
    bus.advance(LATER_MS);
    await until('all to be there', async () => {
      return (await bus.peek('orders')).every(({ state }) => state === 'active');
    });
    const found = await bus.peek('orders');
    expect(found.map(({ body }) => body as unknown)).toEqual(['now', 'earlier', 'managed', 'sent']);
    expect(found[2]!.enqueuedTimeUtc!.getTime()).toBeGreaterThanOrEqual(at.getTime());
    expect(found[2]!.scheduledEnqueueTimeUtc).toEqual(at);
  });

  test('many of one time keep their order', async () => {
    const sender = bus.client.createSender('orders');
    const numbers = Array.from({ length: 200 }, (_, n) => n);
    await sender.scheduleMessages(
      numbers.map((body) => ({ body })),
      later(),
    );
    bus.advance(LATER_MS);
    await until('all to be there', async () => {
      return (await bus.peek('orders')).every(({ state }) => state === 'active');
    });
    expect(await bus.bodies('orders')).toEqual(numbers);
  });

  test('on a topic are filtered when they come, and expire from then on', async () => {
    const sender = bus.client.createSender('news');
    await sender.scheduleMessages(
      [
        { body: 'scale', timeToLive: 10_000, ...properties({ kind: 'scale' }) },
        { body: 'other', ...properties({ kind: 'read' }) },
      ],
      later(),
    );
    expect(await bus.isEmpty('news/all')).toBe(true);
    bus.advance(LATER_MS);
    await until('both', async () => (await bus.peek('news/all')).length === 2);
    expect(await bus.bodies('news/scale')).toEqual(['scale']);
    bus.advance(11_000);
    await until('one to expire', async () => (await bus.peek('news/all')).length === 1);
  });

  test('a time in the past is now', async () => {
    const sender = bus.client.createSender('orders');
    await sender.scheduleMessages({ body: 1 }, new Date(bus.now() - 1000));
    await sender.sendMessages({ body: 2, scheduledEnqueueTimeUtc: new Date(bus.now() - 1000) });
    const found = [await bus.takeOne('orders'), await bus.takeOne('orders')];
    expect(found.map(({ body }) => body as unknown).sort()).toEqual([1, 2]);
  });

  test('can be cancelled, several at once, until they come', async () => {
    const sender = bus.client.createSender('orders');
    const bodies = ['a', 'b', 'c'].map((body) => ({ body }));
    const [a, b, c] = await sender.scheduleMessages(bodies, later());
    await sender.cancelScheduledMessages([a!, b!]);
    await expect(sender.cancelScheduledMessages([c!, a!])).rejects.toMatchObject({
      code: 'MessageNotFound',
    });
    expect(await bus.bodies('orders')).toEqual(['c']);
    bus.advance(LATER_MS);
    await until('the last to come', async () => (await bus.peek('orders'))[0]?.state === 'active');
    await expect(sender.cancelScheduledMessages(c!)).rejects.toMatchObject({
      code: 'MessageNotFound',
    });
  });

  test('a schedule and a cancellation survive a restart', async () => {
    const sender = bus.client.createSender('news');
    const messages = ['keep', 'drop'].map((body) => ({ body, ...properties({ kind: 'scale' }) }));
    const [keep, drop] = await sender.scheduleMessages(messages, later());
    await sender.cancelScheduledMessages(drop!);
    await bus.restart();
    const again = bus.client.createSender('news');
    await expect(again.cancelScheduledMessages(drop!)).rejects.toMatchObject({
      code: 'MessageNotFound',
    });
    bus.advance(LATER_MS);
    await until('it to come', async () => !(await bus.isEmpty('news/scale')));
    expect(await bus.bodies('news/all')).toEqual(['keep']);
    await expect(again.cancelScheduledMessages(keep!)).rejects.toMatchObject({
      code: 'MessageNotFound',
    });
  });

  test('what came due while nothing ran comes at the start', async () => {
    await bus.client.createSender('orders').scheduleMessages({ body: 'slept' }, later());
    await bus.restart({ clock: () => Date.now() + LATER_MS });
    expect((await bus.takeOne('orders')).body).toBe('slept');
  });

  test('take up room of the quota', async () => {
    await bus.restart({ maxEntityBytes: 1000 });
    const sender = bus.client.createSender('orders');
    const large = { body: 'x'.repeat(600) };
    const [first] = await sender.scheduleMessages(large, later());
    await expect(sender.scheduleMessages(large, later())).rejects.toMatchObject({
      code: 'QuotaExceeded',
    });
    await sender.cancelScheduledMessages(first!);
    await sender.scheduleMessages(large, later());
    expect(await bus.peek('orders')).toHaveLength(1);
  });
});
