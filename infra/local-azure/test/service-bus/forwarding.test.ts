import { describe, expect, jest, test } from '@jest/globals';
import type { AmqpEntities } from '../../src/amqp/index.ts';
import { startTestServer, until } from '../amqp/server.fixture.ts';
import {
  TestBus,
  deadLetters,
  entities,
  properties,
  queue,
  subscription,
  topic,
} from './bus.fixture.ts';

jest.setTimeout(30_000);

const served = entities(
  queue('in', { forwardTo: 'NEWS' }),
  topic('news', [
    subscription('scale', { filter: "kind = 'scale'", forwardTo: 'commands' }),
    subscription('copy', { forwardTo: 'archive' }),
    subscription('here'),
  ]),
  topic('archive', [subscription('kept')], { duplicateDetectionMinutes: 10 }),
  queue('commands', { forwardDeadLettersTo: 'failed' }),
  queue('failed'),
  ...[1, 2, 3, 4, 5].map((n) => queue(`hop${n}`, { forwardTo: `hop${n + 1}` })),
  queue('hop6'),
);
const bus = new TestBus(served);

function start(changed: AmqpEntities): Promise<unknown> {
  return startTestServer({ entities: changed });
}

describe('forwarding', () => {
  test('queues and subscriptions forward to topics and queues, in one go and in order', async () => {
    const messages = ['a', 'b', 'c'].map((body) => ({ body, ...properties({ kind: 'scale' }) }));
    await bus.send('in', ...messages);
    await bus.send('in', { body: 'd' });
    expect(await bus.bodies('commands')).toEqual(['a', 'b', 'c']);
    expect(await bus.bodies('archive/kept')).toEqual(['a', 'b', 'c', 'd']);
    expect(await bus.bodies('news/here')).toEqual(['a', 'b', 'c', 'd']);
    expect(await bus.isEmpty('in')).toBe(true);
  });

  test('the target looks for duplicates, not only where the message was sent', async () => {
    await bus.send('news', { body: 'first', messageId: '1' });
    await bus.send('news', { body: 'again', messageId: '1' }, { body: 'b', messageId: '2' });
    expect(await bus.bodies('news/here')).toEqual(['first', 'again', 'b']);
    expect(await bus.bodies('archive/kept')).toEqual(['first', 'b']);
  });

  test('a scheduled message is forwarded when it comes', async () => {
    const at = new Date(bus.now() + 60_000);
    await bus.client.createSender('in').scheduleMessages({ body: 1 }, at);
    expect(await bus.isEmpty('news/here')).toBe(true);
    bus.advance(60_000);
    await until('it to come', async () => !(await bus.isEmpty('news/here')));
    expect(await bus.bodies('archive/kept')).toEqual([1]);
  });

  test('dead letters are forwarded with their reason, and are new there', async () => {
    await bus.send('commands', { body: 'bad' });
    const from = bus.receiver('commands');
    const reason = { deadLetterReason: 'Unreadable', deadLetterErrorDescription: 'no version' };
    await from.deadLetterMessage(await bus.takeOne(from), reason);
    const failed = await bus.takeOne('failed');
    expect(failed).toMatchObject({
      body: 'bad',
      deliveryCount: 0,
      deadLetterSource: 'commands',
      ...reason,
    });
    await expect(bus.takeOne(bus.receiver('commands', deadLetters))).rejects.toThrow(
      /receive from 'failed'/,
    );
  });

  test('four hops are allowed; the fifth makes a dead letter where it would start', async () => {
    await bus.send('hop2', { body: 'four' });
    await bus.send('hop1', { body: 'five' });
    expect(await bus.bodies('hop6')).toEqual(['four']);
    expect(await bus.peek('hop5', deadLetters)).toMatchObject([
      { body: 'five', deadLetterReason: 'MaxTransferHopCountExceeded', deadLetterSource: 'hop5' },
    ]);
  });

  test('receiving from a forwarding entity is refused, with where to receive', async () => {
    await expect(bus.takeOne('news/scale')).rejects.toThrow(/receive from 'commands'/);
    await expect(bus.takeOne('in')).rejects.toThrow(/receive from 'news'/);
    await expect(bus.takeOne('news')).rejects.toThrow(/receive from one of its subscriptions/);
  });

  test('what a queue holds goes on when it begins to forward', async () => {
    await bus.send('failed', { body: 1 }, { body: 2 });
    const [renamed] = entities(queue('failed', { forwardTo: 'hop6' })).queues;
    const queues = served.queues.map((each) => (each.name === 'failed' ? renamed! : each));
    await bus.restart({ entities: { ...served, queues } });
    await until('both', async () => (await bus.peek('hop6')).length === 2);
    expect(await bus.bodies('hop6')).toEqual([1, 2]);
    expect(await bus.isEmpty('failed')).toBe(true);
  });

  test('a full target refuses the send, and nothing is kept anywhere', async () => {
    await bus.restart({ maxEntityBytes: 1000 });
    await bus.send('commands', { body: 'x'.repeat(600) });
    const large = { body: 'x'.repeat(600), ...properties({ kind: 'scale' }) };
    await expect(bus.send('news', large)).rejects.toMatchObject({ code: 'QuotaExceeded' });
    expect(await bus.isEmpty('news/here')).toBe(true);
    expect(await bus.isEmpty('archive/kept')).toBe(true);
  });
});

describe('forwarding that cannot work is refused at the start', () => {
  test.each<[string, AmqpEntities, RegExp]>([
    ['unknown', entities(queue('a', { forwardTo: 'b' })), /'a' forwards to 'b', which is no queue/],
    [
      'unknown, of dead letters',
      entities(queue('a', { forwardDeadLettersTo: 'b' })),
      /'a' forwards to 'b'/,
    ],
    ['itself', entities(queue('a', { forwardTo: 'A' })), /circle: 'a' → 'A'/],
    [
      'a circle',
      entities(
        queue('a', { forwardTo: 't' }),
        topic('t', [subscription('s', { forwardDeadLettersTo: 'a' })]),
      ),
      /circle: 'a' → 't' → 't\/Subscriptions\/s' → 'a'/,
    ],
  ])('%s', async (_, changed, why) => {
    await expect(start(changed)).rejects.toThrow(why);
  });
});
