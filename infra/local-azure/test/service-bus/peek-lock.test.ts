import { describe, expect, jest, test } from '@jest/globals';
import { until } from '../amqp/server.fixture.ts';
import {
  TestBus,
  deadLetters,
  entities,
  numbered,
  properties,
  queue,
  subscription,
  topic,
  upTo,
} from './bus.fixture.ts';

jest.setTimeout(30_000);

const bus = new TestBus(
  entities(
    queue('orders'),
    queue('short-locks', { maxDeliveryCount: 2, lockSeconds: 1 }),
    topic('news', [subscription('all')]),
  ),
);
const noRenewal = { maxAutoLockRenewalDurationInMs: 0 };

describe('peek-lock', () => {
  test('complete removes', async () => {
    await bus.send('orders', { body: 1 });
    const from = bus.receiver('orders');
    const message = await bus.takeOne(from);
    expect(message.lockedUntilUtc!.getTime()).toBeGreaterThan(Date.now() + 50_000);
    await from.completeMessage(message);
    expect(await bus.isEmpty('orders')).toBe(true);
  });

  test('abandon gives back to its place, with the new properties and a higher count', async () => {
    await bus.send('orders', { body: 'first', ...properties({ kind: 'scale' }) });
    await bus.send('orders', { body: 'second' });
    const from = bus.receiver('orders');
    await from.abandonMessage(await bus.takeOne(from), { why: 'later', kind: 'read' });
    expect(await bus.takeOne(from)).toMatchObject({
      body: 'first',
      deliveryCount: 1,
      applicationProperties: { kind: 'read', why: 'later' },
    });
    expect((await bus.takeOne(from)).body).toBe('second');
  });

  test('messages that are abandoned come again in their order', async () => {
    await bus.send('orders', ...numbered(5));
    const from = bus.receiver('orders');
    const held = await bus.take(from, 5);
    for (const message of [...held].reverse()) await from.abandonMessage(message);
    const again = await bus.take(from, 5);
    expect(again.map(({ body }) => body as unknown)).toEqual(upTo(5));
  });

  test('after the last delivery the message is a dead letter with the reason', async () => {
    await bus.send('orders', { body: 'poison' });
    const from = bus.receiver('orders');
    for (let n = 0; n < 3; n++) await from.abandonMessage(await bus.takeOne(from));
    const [letter] = await bus.peek('orders', deadLetters);
    expect(letter).toMatchObject({
      ...{ body: 'poison', deadLetterReason: 'MaxDeliveryCountExceeded' },
      ...{ deadLetterSource: 'orders', deliveryCount: 3 },
    });
    expect(letter!.deadLetterErrorDescription).toMatch(/after 3 delivery attempts/);
    expect(await bus.isEmpty('orders')).toBe(true);
  });

  test('properties that would make a head larger than may be sent are refused; it is given back', async () => {
    const large = 'x'.repeat(40_000);
    await bus.send('orders', { body: 1, applicationProperties: { large } });
    const from = bus.receiver('orders');
    const tooLarge = { code: 'MessageSizeExceeded' };
    const first = await bus.takeOne(from);
    await expect(from.abandonMessage(first, { more: large })).rejects.toMatchObject(tooLarge);
    const second = await bus.takeOne(from);
    const said = { deadLetterReason: 'r', deadLetterErrorDescription: large };
    await expect(from.deadLetterMessage(second, said)).rejects.toMatchObject(tooLarge);
    await from.abandonMessage(await bus.takeOne(from));
    const why = { deadLetterReason: 'MaxDeliveryCountExceeded', deliveryCount: 3 };
    expect(await bus.peek('orders', deadLetters)).toMatchObject([why]);
  });

  test('a message whose head is as large as may be is a dead letter like any other', async () => {
    const large = 'x'.repeat(65_300);
    await bus.send('orders', { body: 1, applicationProperties: { large } });
    const from = bus.receiver('orders');
    for (let n = 0; n < 3; n++) await from.abandonMessage(await bus.takeOne(from));
    const [letter] = await bus.take(bus.receiver('orders', deadLetters), 1);
    expect(letter).toMatchObject({ body: 1, deadLetterReason: 'MaxDeliveryCountExceeded' });
  });

  test('an expired lock gives the message away, and the first receiver loses', async () => {
    await bus.send('orders', { body: 1 });
    const from = bus.receiver('orders', noRenewal);
    const late = await bus.takeOne(from);
    bus.advance(61_000);
    const other = bus.receiver('orders', noRenewal);
    const again = await bus.takeOne(other);
    expect(again.deliveryCount).toBe(1);
    await expect(from.completeMessage(late)).rejects.toMatchObject({ code: 'MessageLockLost' });
    await expect(from.renewMessageLock(late)).rejects.toMatchObject({ code: 'MessageLockLost' });
    await other.completeMessage(again);
  });

  test('locks that expire too often end in the dead letters', async () => {
    await bus.send('short-locks', { body: 'slow' });
    const from = bus.receiver('short-locks', noRenewal);
    for (let n = 0; n < 2; n++) {
      await bus.takeOne(from);
      bus.advance(1000);
    }
    await until('the dead letter', async () => !(await bus.isEmpty('short-locks', deadLetters)));
    expect(await bus.peek('short-locks', deadLetters)).toMatchObject([
      { body: 'slow', deadLetterReason: 'MaxDeliveryCountExceeded' },
    ]);
  });

  test('a lock that is renewed by hand lasts longer', async () => {
    await bus.send('orders', { body: 1 });
    const from = bus.receiver('orders', noRenewal);
    const message = await bus.takeOne(from);
    bus.advance(50_000);
    const renewed = await from.renewMessageLock(message);
    expect(renewed.getTime()).toBeGreaterThan(Date.now() + 100_000);
    bus.advance(50_000);
    await from.completeMessage(message);
    expect(await bus.isEmpty('orders')).toBe(true);
  });

  test('the SDK renews a lock by itself for as long as it may', async () => {
    await bus.send('short-locks', { body: 1 });
    const from = bus.receiver('short-locks', { maxAutoLockRenewalDurationInMs: 10_000 });
    const message = await bus.takeOne(from);
    const first = message.lockedUntilUtc!.getTime();
    await until('the first lock to be over', () => Date.now() > first + 300);
    await from.completeMessage(message);
    expect(await bus.isEmpty('short-locks')).toBe(true);
  });

  test('a message can be settled after its receiver was closed', async () => {
    await bus.send('orders', ...numbered(3));
    const from = bus.receiver('orders');
    const [done, back, dead] = await bus.take(from, 3);
    await from.close();
    const other = bus.receiver('orders');
    await other.completeMessage(done!);
    await other.abandonMessage(back!, { why: 'closed' });
    await other.deadLetterMessage(dead!, {
      deadLetterReason: 'r',
      deadLetterErrorDescription: 'd',
      more: 1,
    });
    expect(await bus.peek('orders')).toMatchObject([
      { body: 1, applicationProperties: { why: 'closed' } },
    ]);
    expect(await bus.peek('orders', deadLetters)).toMatchObject([
      { body: 2, deadLetterReason: 'r', applicationProperties: { more: 1 } },
    ]);
  });

  test('settlements in one turn each get their own answer', async () => {
    await bus.send('orders', { body: 'late' }, { body: 'in time' });
    const from = bus.receiver('orders', noRenewal);
    const [late, inTime] = await bus.take(from, 2);
    bus.advance(50_000);
    await from.renewMessageLock(inTime!);
    bus.advance(11_000);
    const results = await Promise.allSettled([
      from.completeMessage(late!),
      from.completeMessage(inTime!),
    ]);
    expect(results.map((result) => result.status)).toEqual(['rejected', 'fulfilled']);
  });

  test('a restart gives out locked messages again with their count, and keeps the rest', async () => {
    await bus.send('news', { body: 'locked' }, { body: 'done' }, { body: 'waiting' });
    const from = bus.receiver('news/all');
    const [, done] = await bus.take(from, 2);
    await from.completeMessage(done!);
    await bus.restart();
    const found = await bus.take(bus.receiver('news/all'), 2);
    expect(found.map((message) => [message.body as unknown, message.deliveryCount])).toEqual([
      ['locked', 1],
      ['waiting', 0],
    ]);
  });
});
