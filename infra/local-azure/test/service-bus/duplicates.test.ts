import { expect, jest, test } from '@jest/globals';
import { until } from '../amqp/server.fixture.ts';
import { TestBus, entities, queue, subscription, topic } from './bus.fixture.ts';

jest.setTimeout(30_000);

const bus = new TestBus(
  entities(
    queue('plain'),
    queue('orders', { duplicateDetectionMinutes: 0.5 }),
    topic('news', [subscription('all')], { duplicateDetectionMinutes: 10 }),
  ),
);

test('a message id of the window is dropped, in a batch too', async () => {
  await bus.send('orders', { body: 'first', messageId: 'a' });
  await bus.send('orders', { body: 'again', messageId: 'a' }, { body: 'b', messageId: 'b' });
  await bus.send('orders', { body: 'c', messageId: 'c' }, { body: 'c again', messageId: 'c' });
  expect(await bus.bodies('orders')).toEqual(['first', 'b', 'c']);
});

test('the window ends: then the id is new', async () => {
  await bus.send('orders', { body: 'first', messageId: 'a' });
  bus.advance(29_000);
  await bus.send('orders', { body: 'in the window', messageId: 'a' });
  bus.advance(2000);
  await bus.send('orders', { body: 'after it', messageId: 'a' });
  expect(await bus.bodies('orders')).toEqual(['first', 'after it']);
});

test('an id is known after its message was received, and after a restart', async () => {
  await bus.send('news', { body: 'first', messageId: 'a' });
  const from = bus.receiver('news/all');
  await from.completeMessage(await bus.takeOne(from));
  await bus.send('news', { body: 'again', messageId: 'a' });
  await bus.restart();
  await bus.send('news', { body: 'once more', messageId: 'a' });
  expect(await bus.isEmpty('news/all')).toBe(true);
  bus.advance(11 * 60_000);
  await bus.send('news', { body: 'after the window', messageId: 'a' });
  expect(await bus.bodies('news/all')).toEqual(['after the window']);
});

test('scheduled messages count from when they are scheduled, and get a number all the same', async () => {
  const sender = bus.client.createSender('news');
  const at = new Date(bus.now() + 60_000);
  const twice = [
    { body: 'first', messageId: 'a' },
    { body: 'again', messageId: 'a' },
  ];
  expect(await sender.scheduleMessages(twice, at)).toHaveLength(2);
  await sender.sendMessages({ body: 'now', messageId: 'a' });
  await sender.sendMessages({ body: 'sent', messageId: 'a', scheduledEnqueueTimeUtc: at });
  bus.advance(60_000);
  await until('one to come', async () => !(await bus.isEmpty('news/all')));
  expect(await bus.bodies('news/all')).toEqual(['first']);
});

test('without the window an id may come again; a number and a text are two ids', async () => {
  await bus.send('plain', { body: 1, messageId: 'a' }, { body: 2, messageId: 'a' });
  expect(await bus.bodies('plain')).toEqual([1, 2]);
  await bus.send('orders', { body: 'text', messageId: '1' }, { body: 'number', messageId: 1 });
  expect(await bus.bodies('orders')).toEqual(['text', 'number']);
});

test('a full entity still acknowledges what it has, when that is sent again', async () => {
  await bus.restart({ maxEntityBytes: 1000 });
  const large = { body: 'x'.repeat(600), messageId: 'kept' };
  await bus.send('news', large);
  await bus.send('news', large);
  await expect(bus.send('news', { ...large, messageId: 'new' })).rejects.toMatchObject({
    code: 'QuotaExceeded',
  });
  expect(await bus.bodies('news/all')).toHaveLength(1);
});
