import { describe, expect, jest, test } from '@jest/globals';
import { until } from '../amqp/server.fixture.ts';
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

const bus = new TestBus(
  entities(queue('orders', { deadLetterOnExpiration: true }), topic('news', [subscription('all')])),
);

/** Sends one message, defers it, and returns its sequence number. */
async function deferOne(path = 'orders', ttlMs?: number): Promise<Long> {
  const entity = path.split('/')[0]!;
  await bus.send(entity, {
    body: 'later',
    ...properties({ kind: 'scale' }),
    ...(ttlMs === undefined ? {} : { timeToLive: ttlMs }),
  });
  const from = bus.receiver(path);
  const message = await bus.takeOne(from);
  await from.deferMessage(message, { why: 'too early' });
  await from.close();
  return message.sequenceNumber!;
}

type Long = NonNullable<Awaited<ReturnType<TestBus['takeOne']>>['sequenceNumber']>;

describe('deferring', () => {
  test('sets a message aside: nobody gets it but by its sequence number', async () => {
    const sequence = await deferOne();
    await bus.send('orders', { body: 'next' });
    const from = bus.receiver('orders');
    expect((await bus.takeOne(from)).body).toBe('next');
    expect((await bus.peek('orders'))[0]).toMatchObject({ body: 'later', state: 'deferred' });
    const [deferred] = await from.receiveDeferredMessages(sequence);
    expect(deferred).toMatchObject({
      body: 'later',
      deliveryCount: 1,
      applicationProperties: { kind: 'scale', why: 'too early' },
      sequenceNumber: sequence,
      state: 'deferred',
    });
    expect(deferred!.lockedUntilUtc!.getTime()).toBeGreaterThan(Date.now() + 50_000);
    await from.completeMessage(deferred!);
    expect(await bus.bodies('orders')).toEqual(['next']);
  });

  test('works on subscriptions and their dead letters', async () => {
    const sequence = await deferOne('news/all');
    const from = bus.receiver('news/all');
    const [deferred] = await from.receiveDeferredMessages([sequence]);
    await from.deadLetterMessage(deferred!, {
      deadLetterReason: 'old',
      deadLetterErrorDescription: 'x',
    });
    const dead = bus.receiver('news/all', deadLetters);
    const letter = await bus.takeOne(dead);
    expect(letter).toMatchObject({ body: 'later', deadLetterReason: 'old' });
    await dead.deferMessage(letter);
    const [again] = await dead.receiveDeferredMessages(letter.sequenceNumber!);
    await dead.completeMessage(again!);
    expect(await bus.isEmpty('news/all', deadLetters)).toBe(true);
  });

  test('a deferred message can be received and deleted in one go', async () => {
    const sequence = await deferOne();
    const from = bus.receiver('orders', receiveAndDelete);
    const [message] = await from.receiveDeferredMessages(sequence);
    expect(message).toMatchObject({ body: 'later' });
    expect(await bus.isEmpty('orders')).toBe(true);
  });

  test('a deferred message that is abandoned, or whose lock ends, is deferred again', async () => {
    const sequence = await deferOne();
    const from = bus.receiver('orders', { maxAutoLockRenewalDurationInMs: 0 });
    const [first] = await from.receiveDeferredMessages(sequence);
    await from.abandonMessage(first!, { tried: 'once' });
    const [second] = await from.receiveDeferredMessages(sequence);
    expect(second).toMatchObject({
      deliveryCount: 2,
      applicationProperties: { kind: 'scale', tried: 'once' },
    });
    await from.deferMessage(second!);
    expect((await bus.peek('orders'))[0]).toMatchObject({ state: 'deferred', deliveryCount: 3 });
  });

  test('a deferred message whose lock ends comes again by its number', async () => {
    const sequence = await deferOne();
    const from = bus.receiver('orders', { maxAutoLockRenewalDurationInMs: 0 });
    const [late] = await from.receiveDeferredMessages(sequence);
    bus.advance(61_000);
    await expect(from.completeMessage(late!)).rejects.toMatchObject({ code: 'MessageLockLost' });
    await until('the lock to end', async () => {
      const [again] = await from.receiveDeferredMessages(sequence).catch(() => []);
      return again?.deliveryCount === 2;
    });
  });

  test('a deferred message that is given out too often is a dead letter', async () => {
    const sequence = await deferOne();
    const from = bus.receiver('orders');
    for (let n = 0; n < 2; n++) {
      const [message] = await from.receiveDeferredMessages(sequence);
      await from.abandonMessage(message!);
    }
    expect(await bus.peek('orders', deadLetters)).toMatchObject([
      { body: 'later', deadLetterReason: 'MaxDeliveryCountExceeded' },
    ]);
    await expect(from.receiveDeferredMessages(sequence)).rejects.toMatchObject({
      code: 'MessageNotFound',
    });
  });

  test('the lock of a deferred message can be renewed', async () => {
    const sequence = await deferOne();
    const from = bus.receiver('orders');
    const [message] = await from.receiveDeferredMessages(sequence);
    bus.advance(30_000);
    const until = await from.renewMessageLock(message!);
    expect(until.getTime()).toBeGreaterThan(Date.now() + 80_000);
    bus.advance(45_000);
    await from.completeMessage(message!);
    expect(await bus.isEmpty('orders')).toBe(true);
  });

  test('several numbers are given out together or not at all', async () => {
    const sequences = [await deferOne(), await deferOne()];
    await bus.send('orders', { body: 'active' });
    const from = bus.receiver('orders');
    const active = (await bus.peek('orders')).find(({ body }) => body === 'active');
    await expect(
      from.receiveDeferredMessages([...sequences, active!.sequenceNumber!]),
    ).rejects.toMatchObject({ code: 'MessageNotFound' });
    expect(await from.receiveDeferredMessages(sequences)).toHaveLength(2);
    await expect(from.receiveDeferredMessages(sequences)).rejects.toThrow(/is locked/);
  });

  test('a deferred message outlives its time to live, as in Azure', async () => {
    const sequence = await deferOne('orders', 10_000);
    await bus.send('orders', { body: 'short', timeToLive: 10_000 });
    bus.advance(11_000);
    await until('the active one to go', async () => (await bus.peek('orders')).length === 1);
    const [message] = await bus.receiver('orders').receiveDeferredMessages(sequence);
    expect(message).toMatchObject({ body: 'later' });
  });

  test('a deferred message is deferred after a restart, with its properties and count', async () => {
    const sequence = await deferOne();
    const held = await bus.receiver('orders').receiveDeferredMessages(sequence);
    expect(held).toHaveLength(1);
    await bus.restart();
    await bus.send('orders', { body: 'active' });
    expect((await bus.takeOne('orders')).body).toBe('active');
    const [message] = await bus.receiver('orders').receiveDeferredMessages(sequence);
    expect(message).toMatchObject({
      deliveryCount: 2,
      state: 'deferred',
      applicationProperties: { why: 'too early' },
    });
  });
});
