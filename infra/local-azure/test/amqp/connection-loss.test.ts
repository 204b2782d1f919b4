import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import { ServiceBusClient } from '@azure/service-bus';
import type { ServiceBusReceivedMessage } from '@azure/service-bus';
import type { AmqpServer } from '../../src/amqp/index.ts';
import { startRelay, startTestServer, until } from './server.fixture.ts';
import type { Relay } from './server.fixture.ts';

// A busy machine makes the SDKs slow; every wait has its own shorter bound.
jest.setTimeout(30_000);

let server: AmqpServer;
let relay: Relay;
/** Sees the server as it is; `unlucky` goes through the relay. */
let client: ServiceBusClient;
let unlucky: ServiceBusClient;

beforeEach(async () => {
  server = await startTestServer();
  relay = await startRelay(server.port);
  client = new ServiceBusClient(server.connectionString);
  const throughRelay = server.connectionString.replace(`:${server.port}`, `:${relay.port}`);
  const retryOptions = { maxRetries: 5, retryDelayInMs: 50, timeoutInMs: 3000 };
  unlucky = new ServiceBusClient(throughRelay, { retryOptions });
});

afterEach(async () => {
  await Promise.all([client.close(), unlucky.close()]);
  relay[Symbol.dispose]();
  await server.close();
});

/** Through a client of its own: the SDK goes on behind the last message that a client peeked at. */
async function bodies(queue: string, subscription?: string): Promise<unknown[]> {
  const fresh = new ServiceBusClient(server.connectionString);
  const receiver =
    subscription === undefined
      ? fresh.createReceiver(queue)
      : fresh.createReceiver(queue, subscription);
  const found = await receiver.peekMessages(100);
  await fresh.close();
  return found.map((message) => message.body as unknown);
}

test('a message whose acknowledgement got lost is sent again, and kept once', async () => {
  const sender = unlucky.createSender('decisions');
  await sender.sendMessages({ body: 'first', messageId: '1' });
  relay.mute();
  const second = sender.sendMessages({ body: 'second', messageId: '2' });
  await until('the second to be kept', async () => {
    return (await bodies('decisions', 'audit')).length === 2;
  });
  relay.cut();
  await second;
  await sender.sendMessages({ body: 'third', messageId: '3' });
  expect(await bodies('decisions', 'audit')).toEqual(['first', 'second', 'third']);
});

test('of a batch in flight, what was completed is gone and the rest comes again', async () => {
  const batch = [0, 1, 2, 3].map((n) => ({ body: n }));
  await client.createSender('short-locks').sendMessages(batch);
  const options = { maxAutoLockRenewalDurationInMs: 0 };
  const receiver = unlucky.createReceiver('short-locks', options);
  const held = await receiver.receiveMessages(4);
  expect(held).toHaveLength(4);
  relay.mute();
  const completing = [0, 1].map((n) => receiver.completeMessage(held[n]!));
  const answers = Promise.allSettled(completing);
  await until('two to be gone', async () => (await bodies('short-locks')).length === 2);
  relay.cut();
  await answers;

  const again: ServiceBusReceivedMessage[] = [];
  const next = client.createReceiver('short-locks', options);
  await until('the other two', async () => {
    again.push(...(await next.receiveMessages(4, { maxWaitTimeInMs: 1000 })));
    return again.length >= 2;
  });
  expect(again.map(({ body, deliveryCount }) => [body as unknown, deliveryCount])).toEqual([
    [2, 1],
    [3, 1],
  ]);
});
