import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { ServiceBusClient } from '@azure/service-bus';
import type {
  ServiceBusMessage,
  ServiceBusReceivedMessage,
  ServiceBusReceiver,
  ServiceBusReceiverOptions,
} from '@azure/service-bus';
import type { AmqpOptions, AmqpServer } from '../../src/amqp/index.ts';
import { startTestServer, testFolder, until } from './server.fixture.ts';
import type { TestFolder } from './server.fixture.ts';

// A busy machine makes the SDKs slow; every wait has its own shorter bound.
jest.setTimeout(30_000);

let folder: TestFolder;
let server: AmqpServer;
let client: ServiceBusClient;

beforeEach(async () => {
  folder = testFolder();
  server = await startTestServer({ dataFile: folder.dataFile });
  client = connect();
});

afterEach(async () => {
  await client.close();
  await server.close();
  folder[Symbol.dispose]();
});

function connect(connection = server.connectionString): ServiceBusClient {
  return new ServiceBusClient(connection, { retryOptions: { maxRetries: 0, timeoutInMs: 3000 } });
}

/** Ends the server as it stands, and starts it again on the same data file. */
async function restart(options: Partial<AmqpOptions> = {}): Promise<void> {
  await client.close();
  await server.close();
  server = await startTestServer({ dataFile: folder.dataFile, ...options });
  client = connect();
}

async function send(entity: string, ...messages: ServiceBusMessage[]): Promise<void> {
  const sender = client.createSender(entity);
  await sender.sendMessages(messages.length === 1 ? messages[0]! : messages);
  await sender.close();
}

function receiver(
  path: string,
  options: ServiceBusReceiverOptions = {},
  through = client,
): ServiceBusReceiver {
  const [topic, subscription] = path.split('/');
  return subscription === undefined
    ? through.createReceiver(path, options)
    : through.createReceiver(topic!, subscription, options);
}

async function take(from: ServiceBusReceiver, max = 10): Promise<ServiceBusReceivedMessage[]> {
  return from.receiveMessages(max, { maxWaitTimeInMs: 800 });
}

async function takeOne(from: ServiceBusReceiver): Promise<ServiceBusReceivedMessage> {
  const [message] = await from.receiveMessages(1, { maxWaitTimeInMs: 4000 });
  if (message === undefined) throw new Error('no message came');
  return message;
}

async function bodies(path: string, options: ServiceBusReceiverOptions = {}): Promise<unknown[]> {
  const from = receiver(path, { receiveMode: 'receiveAndDelete', ...options });
  const found = await take(from);
  await from.close();
  return found.map((message) => message.body as unknown);
}

/** Through a client of its own: the SDK goes on behind the last message that a client peeked at. */
async function peek(
  path: string,
  options: ServiceBusReceiverOptions = {},
): Promise<ServiceBusReceivedMessage[]> {
  const fresh = connect();
  const found = await receiver(path, options, fresh).peekMessages(10);
  await fresh.close();
  return found;
}

async function isEmpty(path: string, options: ServiceBusReceiverOptions = {}): Promise<boolean> {
  return (await peek(path, options)).length === 0;
}

const deadLetters = { subQueueType: 'deadLetter' } as const;
const kind = (value: string): Pick<ServiceBusMessage, 'applicationProperties'> => ({
  applicationProperties: { kind: value },
});

describe('sending', () => {
  test('a message keeps its body, its properties and its ids', async () => {
    const message = {
      body: { a: [1, 2.5, 'x'] },
      messageId: 'id-1',
      correlationId: 'c-1',
      subject: 'scale',
      applicationProperties: { kind: 'scale', count: 3, ratio: 0.5, ok: true },
    };
    await send('scale-commands', message);
    const received = await takeOne(receiver('scale-commands'));
    expect(received).toMatchObject({ ...message, deliveryCount: 0, state: 'active' });
    expect(received.sequenceNumber?.toNumber()).toBe(1);
    expect(received.lockedUntilUtc!.getTime()).toBeGreaterThan(Date.now() + 50_000);
  });

  test('a message without an id gets one', async () => {
    await send('scale-commands', { body: 1 });
    expect((await takeOne(receiver('scale-commands'))).messageId).toMatch(/^[0-9a-f-]{36}$/);
  });

  test('a batch arrives whole and in order', async () => {
    await send('scale-commands', ...Array.from({ length: 50 }, (_, n) => ({ body: n })));
    const found = await take(receiver('scale-commands'), 50);
    expect(found.map((message) => message.body as number)).toEqual(
      Array.from({ length: 50 }, (_, n) => n),
    );
  });

  test('a topic copies to its subscriptions; the filter chooses what is forwarded', async () => {
    const kinds = ['scale', 'decision', 'read', 'outcome'];
    await send('decisions', ...kinds.map((value) => ({ body: value, ...kind(value) })));
    await send('decisions', { body: 'no kind' });
    expect(await bodies('decisions/audit')).toEqual([...kinds, 'no kind']);
    expect(await bodies('scale-commands')).toEqual(['scale', 'read']);
  });

  test('a message id of the window is dropped, also after a restart', async () => {
    await send('decisions', { body: 'first', messageId: 'd-1' });
    await send('decisions', { body: 'again', messageId: 'd-1' }, { body: 'b', messageId: 'd-2' });
    await restart();
    await send('decisions', { body: 'once more', messageId: 'd-1' });
    expect(await bodies('decisions/audit')).toEqual(['first', 'b']);
    await restart({ clock: () => Date.now() + 11 * 60_000 });
    await send('decisions', { body: 'after the window', messageId: 'd-1' });
    expect(await bodies('decisions/audit')).toEqual(['after the window']);
  });

  test('a full entity refuses, names the quota, and takes again with room', async () => {
    await restart({ maxEntityBytes: 1000 });
    await send('scale-commands', { body: 'x'.repeat(600) });
    await expect(send('scale-commands', { body: 'x'.repeat(600) })).rejects.toThrow(
      /size quota of 'scale-commands' \(1000 bytes\)/,
    );
    await expect(send('scale-commands', { body: 'x'.repeat(600) })).rejects.toMatchObject({
      code: 'QuotaExceeded',
    });
    expect(await bodies('scale-commands')).toHaveLength(1);
    await send('scale-commands', { body: 'fits' });
    expect(await bodies('scale-commands')).toEqual(['fits']);
  });

  test('a full entity still acknowledges what it has, when that is sent again', async () => {
    await restart({ maxEntityBytes: 1000 });
    const large = { body: 'x'.repeat(600), messageId: 'kept' };
    await send('decisions', large);
    await send('decisions', large);
    await expect(send('decisions', { ...large, messageId: 'new' })).rejects.toMatchObject({
      code: 'QuotaExceeded',
    });
    expect(await bodies('decisions/audit')).toHaveLength(1);
  });
});

describe('peek-lock', () => {
  test('complete removes', async () => {
    await send('scale-commands', { body: 1 });
    const from = receiver('scale-commands');
    await from.completeMessage(await takeOne(from));
    expect(await isEmpty('scale-commands')).toBe(true);
  });

  test('abandon gives back, with the new properties and a higher delivery count', async () => {
    await send('scale-commands', { body: 1, ...kind('scale') });
    const from = receiver('scale-commands');
    await from.abandonMessage(await takeOne(from), { why: 'later' });
    const again = await takeOne(from);
    expect(again).toMatchObject({
      deliveryCount: 1,
      applicationProperties: { kind: 'scale', why: 'later' },
    });
  });

  test('after the last delivery the message is a dead letter with the reason', async () => {
    await send('scale-commands', { body: 'poison' });
    const from = receiver('scale-commands');
    for (let n = 0; n < 3; n++) await from.abandonMessage(await takeOne(from));
    const dead = await takeOne(receiver('scale-commands', deadLetters));
    expect(dead).toMatchObject({
      body: 'poison',
      deadLetterReason: 'MaxDeliveryCountExceeded',
      deadLetterSource: 'scale-commands',
    });
    expect(dead.deadLetterErrorDescription).toMatch(/after 3 delivery attempts/);
    expect(await isEmpty('scale-commands')).toBe(true);
  });

  test('dead-letter moves with reason, description and properties', async () => {
    await send('decisions', { body: 'bad', ...kind('decision') });
    const from = receiver('decisions/audit');
    await from.deadLetterMessage(await takeOne(from), {
      deadLetterReason: 'Unreadable',
      deadLetterErrorDescription: 'no such version',
      hint: 'v9',
    });
    const dead = receiver('decisions/audit', deadLetters);
    const message = await takeOne(dead);
    expect(message).toMatchObject({
      body: 'bad',
      deadLetterReason: 'Unreadable',
      deadLetterErrorDescription: 'no such version',
      applicationProperties: { kind: 'decision', hint: 'v9' },
    });
    await dead.completeMessage(message);
    expect(await isEmpty('decisions/audit', deadLetters)).toBe(true);
  });

  test('an expired lock gives the message away, and the first receiver loses', async () => {
    await send('short-locks', { body: 1 });
    const from = receiver('short-locks', { maxAutoLockRenewalDurationInMs: 0 });
    const late = await takeOne(from);
    const again = await takeOne(receiver('short-locks', { maxAutoLockRenewalDurationInMs: 0 }));
    expect(again.deliveryCount).toBe(1);
    await expect(from.completeMessage(late)).rejects.toMatchObject({ code: 'MessageLockLost' });
  });

  test('locks that expire too often end in the dead letters', async () => {
    await send('short-locks', { body: 'slow' });
    const from = receiver('short-locks', { maxAutoLockRenewalDurationInMs: 0 });
    await takeOne(from);
    await takeOne(from);
    const dead = await takeOne(receiver('short-locks', deadLetters));
    expect(dead).toMatchObject({ body: 'slow', deadLetterReason: 'MaxDeliveryCountExceeded' });
  });

  test('a renewed lock lasts longer', async () => {
    await send('short-locks', { body: 1 });
    const from = receiver('short-locks', { maxAutoLockRenewalDurationInMs: 0 });
    const message = await takeOne(from);
    const first = message.lockedUntilUtc!.getTime();
    await until('the lock to be old', () => Date.now() > first - 400);
    const renewed = await from.renewMessageLock(message);
    expect(renewed.getTime()).toBeGreaterThan(first + 200);
    await until('the first lock to have ended', () => Date.now() > first + 100);
    await from.completeMessage(message);
    expect(await isEmpty('short-locks')).toBe(true);
  });

  test('a message can be settled after its receiver was closed', async () => {
    await send('scale-commands', { body: 1 });
    const from = receiver('scale-commands');
    const message = await takeOne(from);
    await from.close();
    await receiver('scale-commands').completeMessage(message);
    expect(await isEmpty('scale-commands')).toBe(true);
  });

  test('two receivers share a queue; nothing is given out twice', async () => {
    await send('scale-commands', ...Array.from({ length: 200 }, (_, n) => ({ body: n })));
    const seen: number[] = [];
    const subscriptions = [1, 2].map(() => {
      const from = receiver('scale-commands');
      return from.subscribe(
        {
          processMessage: (message) => {
            seen.push(message.body as number);
            return Promise.resolve();
          },
          processError: () => Promise.resolve(),
        },
        { maxConcurrentCalls: 8 },
      );
    });
    await until('200 messages', () => seen.length >= 200);
    await until('an empty queue', () => isEmpty('scale-commands'));
    await Promise.all(subscriptions.map((subscription) => subscription.close()));
    expect(new Set(seen).size).toBe(200);
    expect(seen).toHaveLength(200);
  });

  test('settlements in one turn each get their own answer', async () => {
    await send('short-locks', { body: 'late' }, { body: 'in time' });
    const from = receiver('short-locks', { maxAutoLockRenewalDurationInMs: 0 });
    const [late, inTime] = await take(from, 2);
    await until('the locks to be old', () => Date.now() > late!.lockedUntilUtc!.getTime() - 500);
    await from.renewMessageLock(inTime!);
    await until('the first lock to end', () => Date.now() > late!.lockedUntilUtc!.getTime() + 50);
    const results = await Promise.allSettled([
      from.completeMessage(late!),
      from.completeMessage(inTime!),
    ]);
    expect(results.map((result) => result.status)).toEqual(['rejected', 'fulfilled']);
  });
});

describe('time', () => {
  test('a scheduled message comes at its time, whichever way it was scheduled', async () => {
    const sender = client.createSender('decisions');
    const at = new Date(Date.now() + 700);
    const [sequence] = await sender.scheduleMessages(
      { body: 'managed', messageId: 'm', ...kind('scale') },
      at,
    );
    expect(sequence!.toNumber()).toBeGreaterThan(0);
    await sender.sendMessages({
      body: 'plain',
      scheduledEnqueueTimeUtc: at,
      messageId: 'p',
      ...kind('scale'),
    });
    expect(await isEmpty('scale-commands')).toBe(true);
    const from = receiver('scale-commands', { receiveMode: 'receiveAndDelete' });
    const found: ServiceBusReceivedMessage[] = [];
    await until('both', async () => {
      found.push(...(await take(from, 2)));
      return found.length === 2;
    });
    expect(found.map((message) => message.body as string).sort()).toEqual(['managed', 'plain']);
    for (const message of found) {
      expect(message.enqueuedTimeUtc!.getTime()).toBeGreaterThanOrEqual(at.getTime());
    }
  });

  test('a scheduled message survives a restart, and can be cancelled', async () => {
    const sender = client.createSender('scale-commands');
    const at = new Date(Date.now() + 60_000);
    const [keep, drop] = await sender.scheduleMessages([{ body: 'keep' }, { body: 'drop' }], at);
    await restart();
    const later = client.createSender('scale-commands');
    const peeked = await peek('scale-commands');
    expect(peeked.map((message) => [message.body as unknown, message.state])).toEqual([
      ['keep', 'scheduled'],
      ['drop', 'scheduled'],
    ]);
    await later.cancelScheduledMessages(drop!);
    await expect(later.cancelScheduledMessages(drop!)).rejects.toMatchObject({
      code: 'MessageNotFound',
    });
    await restart({ clock: () => Date.now() + 61_000 });
    expect(await bodies('scale-commands')).toEqual(['keep']);
    await expect(
      client.createSender('scale-commands').cancelScheduledMessages(keep!),
    ).rejects.toMatchObject({ code: 'MessageNotFound' });
  });

  test('a message whose time to live has passed is dropped', async () => {
    await send('scale-commands', { body: 'short', timeToLive: 200 }, { body: 'long' });
    await until('the short one to go', async () => {
      return (await peek('scale-commands')).length === 1;
    });
    expect(await bodies('scale-commands')).toEqual(['long']);
    expect(await isEmpty('scale-commands', deadLetters)).toBe(true);
  });

  test('receiving from an empty queue ends after the wait', async () => {
    const found = await receiver('scale-commands').receiveMessages(1, { maxWaitTimeInMs: 200 });
    expect(found).toEqual([]);
  });
});

describe('a restart', () => {
  test('keeps messages, and gives locked ones out again with their delivery count', async () => {
    await send('scale-commands', { body: 'locked' }, { body: 'done' }, { body: 'waiting' });
    const from = receiver('scale-commands');
    const [, done] = await take(from, 2);
    await from.completeMessage(done!);
    await restart();
    const found = await take(receiver('scale-commands'));
    expect(found.map((message) => [message.body as unknown, message.deliveryCount])).toEqual([
      ['locked', 1],
      ['waiting', 0],
    ]);
    expect(new Set(found.map((message) => message.sequenceNumber!.toNumber())).size).toBe(2);
  });
});

describe('what is not there', () => {
  test('an unknown entity is named', async () => {
    await expect(send('nope', { body: 1 })).rejects.toMatchObject({
      code: 'MessagingEntityNotFound',
    });
    await expect(take(receiver('decisions/nope'))).rejects.toMatchObject({
      code: 'MessagingEntityNotFound',
    });
  });

  test('a wrong key is refused', async () => {
    await client.close();
    client = connect(server.connectionString.replace('c2VjcmV0', 'd3Jvbmc='));
    await expect(send('decisions', { body: 1 })).rejects.toMatchObject({
      code: 'UnauthorizedAccess',
    });
  });

  test('receiving from a forwarding subscription is refused, with where to receive', async () => {
    await expect(take(receiver('decisions/scale'))).rejects.toThrow(
      /receive from 'scale-commands'/,
    );
  });

  test('what is not supported says so', async () => {
    await send('scale-commands', { body: 1 });
    await expect(send('scale-commands', { body: 1, sessionId: 's' })).rejects.toThrow(
      /session id .* not supported/,
    );
    await expect(client.acceptSession('scale-commands', 's')).rejects.toThrow(/session/);
    const rules = client.createRuleManager('decisions', 'audit');
    await expect(rules.listRules().next()).rejects.toThrow(/enumerate-rules.* not supported/);
  });
});
