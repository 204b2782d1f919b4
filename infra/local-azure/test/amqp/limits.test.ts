import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { EventHubProducerClient } from '@azure/event-hubs';
import type { AmqpServer } from '../../src/amqp/index.ts';
import type { TokenCheck } from '../../src/identity/token-check.ts';
import * as enc from '../../src/amqp/protocol/encode.ts';
import {
  HIGH_WATER_BYTES,
  MAX_CHECKS,
  MAX_LINKS_BEFORE_TOKEN,
  MAX_MESSAGE_BYTES,
  MAX_PARTIAL_BYTES,
  MAX_UNSENT_BYTES,
} from '../../src/amqp/protocol/limits.ts';
import { CODE } from '../../src/amqp/protocol/performatives.ts';
import { Described, asList } from '../../src/amqp/protocol/values.ts';
import type { AmqpValue } from '../../src/amqp/protocol/values.ts';
import {
  AMQP_HEADER,
  amqp,
  attach,
  authorizedClient,
  begin,
  conditionOf,
  dataMessage,
  flow,
  open,
  putToken,
  rawClient,
  transfer,
} from './raw-client.fixture.ts';
import type { RawClient } from './raw-client.fixture.ts';
import { startTestServer, until } from './server.fixture.ts';

// A busy machine makes the SDKs slow; every wait has its own shorter bound.
jest.setTimeout(30_000);

const PARTITION = 'metrics/ConsumerGroups/router/Partitions/0';
const GREEDY = 2 ** 31 - 1;

let server: AmqpServer;
let now: number;
let clients: RawClient[];

beforeEach(async () => {
  now = Date.now();
  clients = [];
  server = await startTestServer({ clock: () => now, housekeepingMs: 10 });
});

afterEach(async () => {
  for (const client of clients) client[Symbol.dispose]();
  await server.close();
});

async function client(connecting: Promise<RawClient>): Promise<RawClient> {
  const connected = await connecting;
  clients.push(connected);
  return connected;
}

describe('a client that does not read', () => {
  /** What the server holds for the connections that it has, and what its sockets hold. */
  function unsentBytes(): number {
    const handles = (
      process as unknown as { _getActiveHandles(): readonly { writableLength?: number }[] }
    )._getActiveHandles();
    return Math.max(...handles.map(({ writableLength = 0 }) => writableLength));
  }

  const MAX_BATCHES = 60;

  test('is sent no more than a bounded part of what its endless credit asks for', async () => {
    const producer = new EventHubProducerClient(server.connectionString, 'metrics');
    const batch = await producer.createBatch({ partitionId: '0' });
    while (batch.tryAdd({ body: 'x'.repeat(20_000) }));
    for (let n = 0; n < 4; n++) await producer.sendBatch(batch);

    const reader = await client(authorizedClient(server.port));
    reader.send(attach({ handle: 2, from: PARTITION }), flow(2, GREEDY));
    await until('it to be read to', () => reader.frames.length > 50);
    reader.socket.pause();
    // As much as the buffers of the system take differs from one to the next.
    let batches = 4;
    while (unsentBytes() === 0 && batches < MAX_BATCHES) {
      await producer.sendBatch(batch);
      batches++;
    }
    for (let n = 0; n < 8; n++) await producer.sendBatch(batch);
    expect(unsentBytes()).toBeGreaterThan(0);
    expect(unsentBytes()).toBeLessThan(2 * HIGH_WATER_BYTES);
    reader.socket.resume();
    const all = (batches + 8) * batch.count;
    await until('the rest, once it reads', () => {
      return reader.frames.filter(({ code }) => code === CODE.transfer).length > all;
    });
    await producer.close();
  });

  test('is not listened to while answers to it wait', async () => {
    const asker = await client(authorizedClient(server.port));
    asker.socket.pause();
    const long = 'x'.repeat(8000);
    const questions = Buffer.concat(
      Array.from({ length: 20 }, () => attach({ handle: 2, name: long, to: long })),
    );
    // A client that gets no answer cannot put more on the wire than the buffers in between hold.
    for (let n = 0; n < 1000 && asker.socket.writableLength < MAX_UNSENT_BYTES; n++) {
      asker.send(questions);
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(asker.socket.writableLength).toBeGreaterThanOrEqual(MAX_UNSENT_BYTES);
    expect(unsentBytes()).toBeLessThan(4 * MAX_UNSENT_BYTES);
  });

  test('is told why its connection ends, once it reads', async () => {
    const quiet = await client(authorizedClient(server.port));
    quiet.socket.pause();
    quiet.send(amqp(0, 0x99, []));
    quiet.socket.resume();
    expect(await quiet.closed()).toBe('amqp:connection:framing-error');
  });
});

describe('before a token', () => {
  test('no link but those to $cbs is opened', async () => {
    const stranger = await client(rawClient(server.port));
    stranger.send(AMQP_HEADER, open(), begin(0));
    for (const [handle, address] of [PARTITION, 'metrics', '$management'].entries()) {
      stranger.send(attach({ handle, ...(handle === 0 ? { from: address } : { to: address }) }));
    }
    await until('three refusals', () => {
      return stranger.frames.filter(({ code }) => code === CODE.detach).length === 3;
    });
    for (const { fields } of stranger.frames.filter(({ code }) => code === CODE.detach)) {
      expect(conditionOf(fields[2])).toBe('amqp:unauthorized-access');
    }
  });

  test('a few links to $cbs are enough', async () => {
    const stranger = await client(rawClient(server.port));
    stranger.send(AMQP_HEADER, open(), begin(0));
    for (let handle = 0; handle <= MAX_LINKS_BEFORE_TOKEN; handle++) {
      stranger.send(attach({ handle, to: '$cbs' }));
    }
    const refusal = await stranger.frame(CODE.detach);
    expect(refusal.fields[0]).toBe(MAX_LINKS_BEFORE_TOKEN);
    expect(conditionOf(refusal.fields[2])).toBe('amqp:resource-limit-exceeded');
  });

  test('so many tokens are checked at a time, and no more', async () => {
    const never = { expiryOf: () => new Promise<number>(() => undefined) };
    await server.close();
    server = await startTestServer({ tokens: never as unknown as TokenCheck });
    const eager = await client(authorizedClient(server.port));
    const token = putToken(server.port, undefined, 'jwt');
    const answered = eager.frames.filter(isTransfer).length;
    eager.send(Buffer.concat(Array.from({ length: MAX_CHECKS + 1 }, () => token)));
    await until('the refusal', () => eager.frames.filter(isTransfer).length > answered);
    const answer = eager.frames.filter(isTransfer).at(-1);
    expect(answer?.payload.toString('latin1')).toContain('amqp:resource-limit-exceeded');
  });

  test('a connection that puts none is closed after a minute', async () => {
    // One without a first byte is cut off sooner: see tls/first-byte.test.ts.
    const silent = await client(rawClient(server.port));
    silent.send(AMQP_HEADER.subarray(0, 4));
    const stranger = await client(rawClient(server.port));
    stranger.send(AMQP_HEADER, open());
    await stranger.frame(CODE.open);
    now += 61_000;
    expect(await stranger.closed()).toBe('amqp:unauthorized-access');
    expect(await silent.closed()).toBeUndefined();
  });
});

test('links whose token has expired are closed, and a new token opens new ones', async () => {
  const reader = await client(authorizedClient(server.port, Math.floor(now / 1000) + 100));
  reader.send(attach({ handle: 2, from: PARTITION }), attach({ handle: 3, to: 'metrics' }));
  await until('both links', () => reader.frames.filter(isAttach).length === 4);
  now += 101_000;
  await until('both to be closed', () => reader.frames.filter(isDetach).length === 2);
  expect(conditionOf((await reader.frame(CODE.detach)).fields[2])).toBe('amqp:unauthorized-access');
  const repliesBefore = reader.frames.filter(isTransfer).length;
  reader.send(putToken(server.port));
  await until(
    'the token to be taken',
    () => reader.frames.filter(isTransfer).length > repliesBefore,
  );
  reader.send(attach({ handle: 2, from: PARTITION }));
  await until('the new link', () => reader.frames.filter(isAttach).length === 5);
  expect(reader.frames.filter(isDetach)).toHaveLength(2);
});

const isTransfer = ({ code }: { code: number | undefined }): boolean => code === CODE.transfer;
const isAttach = ({ code }: { code: number | undefined }): boolean => code === CODE.attach;
const isDetach = ({ code }: { code: number | undefined }): boolean => code === CODE.detach;

describe('messages in parts', () => {
  test('one that never ends costs nothing past the limit, and is refused at its end', async () => {
    const sender = await client(authorizedClient(server.port));
    sender.send(attach({ handle: 2, to: 'metrics/Partitions/0' }));
    const payload = Buffer.alloc(60_000);
    for (let n = 0; n < 100; n++) sender.send(transfer({ handle: 2, id: 1, payload, more: true }));
    sender.send(transfer({ handle: 2, id: 1, payload }));
    await until('the refusal', () => outcome(sender, 1) !== undefined);
    expect(conditionOf(outcome(sender, 1)?.[0])).toBe('amqp:link:message-size-exceeded');
  });

  test('many that are never finished close the connection', async () => {
    const sender = await client(authorizedClient(server.port));
    const payload = Buffer.alloc(MAX_MESSAGE_BYTES / 32);
    for (let handle = 2; handle < 2 + 2 * (MAX_PARTIAL_BYTES / MAX_MESSAGE_BYTES); handle++) {
      sender.send(attach({ handle, to: 'metrics' }));
      for (let n = 0; n < 31; n++) {
        sender.send(transfer({ handle, id: handle, payload, more: true }));
      }
    }
    expect(await sender.closed()).toBe('amqp:resource-limit-exceeded');
  });

  test('one of a thousand tiny parts arrives whole', async () => {
    const sender = await client(authorizedClient(server.port));
    sender.send(attach({ handle: 2, to: 'metrics/Partitions/0' }));
    const message = dataMessage(Buffer.alloc(1000, 'x'));
    for (let at = 0; at < message.length; at++) {
      const more = at < message.length - 1;
      sender.send(transfer({ handle: 2, id: 1, payload: message.subarray(at, at + 1), more }));
    }
    await until('the outcome', () => outcome(sender, 1) !== undefined);
    const reader = await client(authorizedClient(server.port));
    reader.send(attach({ handle: 2, from: PARTITION }), flow(2, 1));
    await until('the event', () => {
      return reader.frames.some(({ payload }) => payload.includes(Buffer.alloc(1000, 'x')));
    });
  });
});

test('a sender that settles by itself gets no dispositions, and its events are kept', async () => {
  const sender = await client(authorizedClient(server.port));
  sender.send(attach({ handle: 2, to: 'metrics/Partitions/0', settleMode: 1 }));
  const payload = dataMessage(Buffer.from('settled'));
  for (let id = 1; id <= 3; id++) sender.send(transfer({ handle: 2, id, payload, settled: true }));
  const producer = new EventHubProducerClient(server.connectionString, 'metrics');
  await until('three events', async () => {
    const { lastEnqueuedSequenceNumber } = await producer.getPartitionProperties('0');
    return lastEnqueuedSequenceNumber === 2;
  });
  await producer.close();
  expect(outcome(sender, 1)).toBeUndefined();
});

test('a write that nothing answers is answered by an empty frame', async () => {
  const quiet = await client(authorizedClient(server.port));
  const before = quiet.frames.length;
  quiet.send(amqp(0, CODE.disposition, [enc.bool(true), enc.uint(0), enc.uint(0), enc.bool(true)]));
  await until('the empty frame', () => quiet.frames.length > before);
  expect(quiet.frames.at(-1)?.code).toBeUndefined();
});

/** The fields of the outcome of a delivery, when it came. */
function outcome(sender: RawClient, deliveryId: number): readonly AmqpValue[] | undefined {
  const disposition = sender.frames.find(
    ({ code, fields }) => code === CODE.disposition && fields[1] === deliveryId,
  );
  const state = disposition?.fields[4];
  return state instanceof Described ? asList(state.value) : undefined;
}
