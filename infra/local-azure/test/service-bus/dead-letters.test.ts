import { describe, expect, jest, test } from '@jest/globals';
import {
  TestBus,
  deadLetters,
  entities,
  properties,
  queue,
  receiveAndDelete,
  subscription,
  topic,
} from './bus.fixture.ts';

jest.setTimeout(30_000);

const bus = new TestBus(entities(queue('orders'), topic('news', [subscription('all')])));
const reason = {
  deadLetterReason: 'Unreadable',
  deadLetterErrorDescription: 'no such version',
};

async function bury(path: string): Promise<void> {
  await bus.send(path.split('/')[0]!, {
    body: 'bad',
    messageId: 'm',
    ...properties({ kind: 'x' }),
  });
  const from = bus.receiver(path);
  await from.deadLetterMessage(await bus.takeOne(from), { ...reason, hint: 'v9' });
}

describe('dead letters', () => {
  test.each(['orders', 'news/all'])('of %s have reason, description, properties', async (path) => {
    await bury(path);
    expect(await bus.isEmpty(path)).toBe(true);
    const dead = bus.receiver(path, deadLetters);
    const letter = await bus.takeOne(dead);
    expect(letter).toMatchObject({
      ...{ body: 'bad', messageId: 'm', ...reason },
      applicationProperties: { kind: 'x', hint: 'v9' },
      enqueuedSequenceNumber: 1,
    });
    await dead.completeMessage(letter);
    expect(await bus.isEmpty(path, deadLetters)).toBe(true);
  });

  test('survive a restart with their reason', async () => {
    await bury('orders');
    await bus.restart();
    expect(await bus.peek('orders', deadLetters)).toMatchObject([reason]);
  });

  test('can be sent again', async () => {
    await bury('orders');
    const dead = bus.receiver('orders', deadLetters);
    const letter = await bus.takeOne(dead);
    await bus.send('orders', letter);
    await dead.completeMessage(letter);
    expect(await bus.takeOne('orders')).toMatchObject({ body: 'bad', messageId: 'm' });
    expect(await bus.isEmpty('orders', deadLetters)).toBe(true);
  });

  test('are given out however often, and are not dead-lettered again', async () => {
    await bury('orders');
    const dead = bus.receiver('orders', deadLetters);
    for (let n = 0; n < 5; n++) await dead.abandonMessage(await bus.takeOne(dead));
    const letter = await bus.takeOne(dead);
    await expect(dead.deadLetterMessage(letter)).rejects.toThrow(/no dead-letter queue of its own/);
    const last = bus.receiver('orders', { ...deadLetters, ...receiveAndDelete });
    expect(await bus.takeOne(last)).toMatchObject({ body: 'bad' });
  });

  test('cannot be sent to directly', async () => {
    await expect(bus.send('orders/$DeadLetterQueue', { body: 1 })).rejects.toThrow(
      /send to its queue or topic/,
    );
  });
});
