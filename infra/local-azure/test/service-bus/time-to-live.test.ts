import { expect, jest, test } from '@jest/globals';
import { until } from '../amqp/server.fixture.ts';
import {
  TestBus,
  deadLetters,
  entities,
  queue,
  receiveAndDelete,
  subscription,
  topic,
} from './bus.fixture.ts';

jest.setTimeout(30_000);

const bus = new TestBus(
  entities(
    queue('plain'),
    queue('capped', { defaultTimeToLiveSeconds: 30, deadLetterOnExpiration: true }),
    topic('news', [subscription('short', { defaultTimeToLiveSeconds: 10 }), subscription('long')], {
      defaultTimeToLiveSeconds: 20,
    }),
  ),
);

test('a message whose time to live has passed is dropped', async () => {
  await bus.send('plain', { body: 'short', timeToLive: 10_000 }, { body: 'long' });
  bus.advance(9000);
  expect(await bus.bodies('plain')).toEqual(['short', 'long']);
  bus.advance(1000);
  await until('the short one to go', async () => (await bus.peek('plain')).length === 1);
  expect((await bus.takeOne('plain')).body).toBe('long');
  expect(await bus.isEmpty('plain', deadLetters)).toBe(true);
});

test('with dead-lettering on expiration it becomes a dead letter with the reason', async () => {
  await bus.send('capped', { body: 'late', timeToLive: 10_000 });
  bus.advance(10_000);
  await until('it to go', () => bus.isEmpty('capped'));
  const [letter] = await bus.peek('capped', deadLetters);
  expect(letter).toMatchObject({ body: 'late', deadLetterReason: 'TTLExpiredException' });
  expect(letter?.deadLetterSource).toBe('capped');
});

test('the default of the entity holds for messages without one, and shortens longer ones', async () => {
  await bus.send('capped', { body: 'none' }, { body: 'longer', timeToLive: 3_600_000 });
  await bus.send('capped', { body: 'shorter', timeToLive: 10_000 });
  const found = await bus.peek('capped');
  expect(found.map(({ timeToLive }) => timeToLive)).toEqual([30_000, 30_000, 10_000]);
  bus.advance(30_000);
  await until('all to go', () => bus.isEmpty('capped'));
  expect((await bus.bodies('capped', deadLetters)).sort()).toEqual(['longer', 'none', 'shorter']);
});

test('the least of message, topic and subscription holds', async () => {
  await bus.send('news', { body: 1, timeToLive: 3_600_000 });
  expect((await bus.peek('news/short'))[0]?.timeToLive).toBe(10_000);
  expect((await bus.peek('news/long'))[0]?.timeToLive).toBe(20_000);
});

test('a locked message does not expire, but when it comes back', async () => {
  await bus.send(
    'capped',
    { body: 'held', timeToLive: 10_000 },
    { body: 'done', timeToLive: 10_000 },
  );
  const from = bus.receiver('capped');
  const [held, done] = [await bus.takeOne(from), await bus.takeOne(from)];
  bus.advance(20_000);
  await bus.send('capped', { body: 'other' });
  await from.completeMessage(done);
  expect(await bus.bodies('capped')).toEqual(['held', 'other']);
  await from.abandonMessage(held);
  await until('it to go', async () => (await bus.peek('capped')).length === 1);
  expect(await bus.peek('capped', deadLetters)).toMatchObject([
    { body: 'held', deadLetterReason: 'TTLExpiredException' },
  ]);
});

test('dead letters do not expire', async () => {
  await bus.send('capped', { body: 'dead', timeToLive: 10_000 });
  const from = bus.receiver('capped');
  await from.deadLetterMessage(await bus.takeOne(from));
  bus.advance(60_000);
  await bus.restart();
  const letter = await bus.takeOne(bus.receiver('capped', { ...deadLetters, ...receiveAndDelete }));
  expect(letter).toMatchObject({ body: 'dead', timeToLive: 10_000 });
});

test('what expired while nothing ran is gone after a restart', async () => {
  await bus.send('capped', { body: 'late', timeToLive: 10_000 }, { body: 'in time' });
  bus.advance(15_000);
  await bus.restart();
  expect((await bus.takeOne('capped')).body).toBe('in time');
  expect(await bus.bodies('capped', deadLetters)).toEqual(['late']);
});
