import { connect } from 'node:net';
import { describe, expect, jest, test } from '@jest/globals';
import { ServiceBusAdministrationClient } from '@azure/service-bus';
import { answerBusRequest } from '../../src/amqp/endpoint/bus-management.ts';
import * as enc from '../../src/amqp/protocol/encode.ts';
import { CODE, frame, performative } from '../../src/amqp/protocol/performatives.ts';
import { startTestServer, until } from '../amqp/server.fixture.ts';
import { TestBus, entities, queue, subscription, topic } from './bus.fixture.ts';

jest.setTimeout(30_000);

const bus = new TestBus(entities(queue('orders'), topic('news', [subscription('all')])));

describe('what is not there', () => {
  test('an unknown entity is named', async () => {
    await expect(bus.send('nope', { body: 1 })).rejects.toMatchObject({
      code: 'MessagingEntityNotFound',
    });
    await expect(bus.takeOne('news/nope')).rejects.toThrow(/'news\/Subscriptions\/nope'/i);
  });

  test('names are matched without regard to case', async () => {
    await bus.send('ORDERS', { body: 1 });
    expect(await bus.bodies('Orders')).toEqual([1]);
  });

  test('a wrong key is refused', async () => {
    const wrong = bus.connect(bus.connectionString.replace('c2VjcmV0', 'd3Jvbmc='));
    const sending = wrong.createSender('orders').sendMessages({ body: 1 });
    await expect(sending).rejects.toMatchObject({ code: 'UnauthorizedAccess' });
    await wrong.close();
  });
});

describe('what an entity cannot do', () => {
  test('a topic has no messages to peek at', async () => {
    await expect(bus.peek('news')).rejects.toThrow(/holds no messages: it is a topic/);
  });

  test('an operation of $management that is not known', () => {
    const request = {
      ...{ messageId: Buffer.alloc(0), replyTo: null, body: new Map() },
      applicationProperties: new Map([['operation', 'com.microsoft:batch-delete-messages']]),
    };
    const answer = (): void => answerBusRequest(request, { name: 'orders' }, () => undefined);
    expect(answer).toThrow(/batch-delete-messages' is not supported/);
  });
});

describe('sessions are not supported', () => {
  test('sending with a session id', async () => {
    await expect(bus.send('orders', { body: 1, sessionId: 's' })).rejects.toThrow(
      /session id .* not supported/,
    );
  });

  test('accepting a session, a given one or the next', async () => {
    // The SDK says in its own words that a given session cannot be had.
    await expect(bus.client.acceptSession('orders', 's')).rejects.toMatchObject({
      code: 'SessionCannotBeLocked',
    });
    await expect(bus.client.acceptNextSession('news', 'all')).rejects.toThrow(
      /session is not supported/,
    );
  });

  test('an entity that requires them is refused at the start', async () => {
    const served = entities(queue('orders', { requiresSession: true }));
    await expect(startTestServer({ entities: served })).rejects.toThrow(
      /'orders' requires sessions, which .* not support/,
    );
  });
});

/** No client of Azure for JavaScript has transactions: here are the frames with which others begin. */
test('transactions are not supported', async () => {
  const port = Number(/:(\d+);/.exec(bus.connectionString)?.[1]);
  const socket = connect(port, '127.0.0.1');
  const chunks: Buffer[] = [];
  socket.on('data', (chunk) => chunks.push(chunk));
  const coordinator = performative(0x30, []);
  const attach = [enc.text('tx'), enc.uint(0), enc.bool(false), enc.nil, enc.nil, enc.nil];
  socket.write(
    Buffer.concat([
      Buffer.from('AMQP\u0000\u0001\u0000\u0000', 'latin1'),
      frame(0, 0, performative(CODE.open, [enc.text('test')])),
      frame(0, 0, performative(CODE.begin, [enc.nil, enc.uint(0), enc.uint(10), enc.uint(10)])),
      frame(0, 0, performative(CODE.attach, [...attach, coordinator])),
    ]),
  );
  const answer = (): string => Buffer.concat(chunks).toString('latin1');
  await until('an answer', () => answer().includes('amqp:not-implemented'));
  expect(answer()).toMatch(/A transaction is not supported/);
  socket.destroy();
});

describe('the administration API is not supported', () => {
  test('and says so to its client', async () => {
    const client = new ServiceBusAdministrationClient(bus.connectionString);
    // The client insists on https; what it sends is the same over a plain connection.
    client.pipeline.addPolicy({
      name: 'plain',
      sendRequest: (request, next) => {
        request.url = request.url.replace('https:', 'http:');
        request.allowInsecureConnection = true;
        return next(request);
      },
    });
    await expect(client.getQueue('orders')).rejects.toThrow(/administration API .* not supported/);
    await expect(client.createQueue('more')).rejects.toThrow(/administration API .* not supported/);
  });
});
