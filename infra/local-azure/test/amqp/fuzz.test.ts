import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import fc from 'fast-check';
import { EventHubProducerClient } from '@azure/event-hubs';
import type { AmqpServer } from '../../src/amqp/index.ts';
import * as enc from '../../src/amqp/protocol/encode.ts';
import { CODE, frame } from '../../src/amqp/protocol/performatives.ts';
import {
  AMQP_HEADER,
  amqp,
  attach,
  authorizedClient,
  begin,
  dataMessage,
  flow,
  open,
  putToken,
  rawClient,
  transfer,
} from './raw-client.fixture.ts';
import type { RawClient } from './raw-client.fixture.ts';
import { startTestServer, until } from './server.fixture.ts';

/**
 * Frames that are wrong in every way we could think of. Whatever a client sends, at worst its own
 * connection ends. `FUZZ_RUNS=100000` makes the short run of the suite a long one.
 */
const RUNS = Number(process.env['FUZZ_RUNS'] ?? 150);
const FRAMES = 12;
const MEGABYTE = 1024 * 1024;

jest.setTimeout(60_000 + RUNS * 100);

let server: AmqpServer;
let witness: EventHubProducerClient;
const rejections: unknown[] = [];
const onRejection = (reason: unknown): void => void rejections.push(reason);

beforeAll(async () => {
  server = await startTestServer();
  witness = new EventHubProducerClient(server.connectionString, 'metrics', {
    retryOptions: { maxRetries: 0, timeoutInMs: 5000 },
  });
  process.on('unhandledRejection', onRejection);
});

afterAll(async () => {
  process.off('unhandledRejection', onRejection);
  await witness.close();
  await server.close();
});

/** A value of any type, most of them not the one that belongs there. */
const value: fc.Arbitrary<Buffer> = fc.oneof(
  fc.constant(enc.nil),
  fc.boolean().map(enc.bool),
  fc.integer({ min: 0, max: 255 }).map(enc.ubyte),
  fc.constantFrom(0, 1, 255, 256, 8191, 2 ** 31, 2 ** 32 - 1).map(enc.uint),
  fc.constantFrom(-1, -(2 ** 31), 2 ** 31 - 1).map(enc.int),
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map(enc.long),
  fc.bigInt({ min: 2n ** 63n, max: 2n ** 64n - 1n }).map(enc.encode),
  fc.double().map((number) => enc.encode(number + 0.5)),
  fc.string({ unit: 'binary', maxLength: 300 }).map(enc.text),
  fc.uint8Array({ maxLength: 40 }).map((bytes) => enc.binary(Buffer.from(bytes))),
  fc.constant(Buffer.from('a104fffefdfc', 'hex')),
  fc.constant(Buffer.from('83ffffffffffffffff', 'hex')),
  fc.constant(Buffer.from('f000000009ffffffff40', 'hex')),
  fc.constant(Buffer.from('d0000000ff00000000', 'hex')),
  fc.integer({ min: 1, max: 200 }).map((depth) => Buffer.alloc(depth, 0x00)),
  fc.constantFrom('$cbs', '$management', 'metrics', 'decisions', 'scale-commands').map(enc.text),
);

const performatives = fc.constantFrom(...Object.values(CODE), 0x00, 0x19, 0xff);
const channel = fc.constantFrom(0, 0, 0, 1, 7, 5000, 65_535);
const payload = fc.oneof(
  fc.uint8Array({ maxLength: 60 }).map((bytes) => Buffer.from(bytes)),
  fc.uint8Array({ maxLength: 60 }).map((bytes) => dataMessage(Buffer.from(bytes))),
  fc
    .tuple(fc.constantFrom(0x70, 0x71, 0x72, 0x73, 0x74, 0x75, 0x77, 0x79), value)
    .map(([code, section]) => Buffer.concat([enc.described(code, section), dataMessage(section)])),
);

/** Anything in the place of anything. */
const wildFrame = fc
  .tuple(channel, performatives, fc.array(value, { maxLength: 15 }), payload)
  .map(([on, code, fields, rest]) => amqp(on, code, fields, rest));

const addresses = fc.constantFrom(
  ...['$cbs', '$management', 'metrics', 'metrics/Partitions/0', 'metrics/Partitions/-1', '', '/'],
  ...['metrics/ConsumerGroups/router/Partitions/0', 'decisions', 'decisions/Subscriptions/audit'],
  ...['scale-commands', 'scale-commands/$management', 'scale-commands/$DeadLetterQueue', 'none'],
);
const handle = fc.constantFrom(0, 1, 2, 3, 4, 255, 256, 2 ** 32 - 1);

/** What an SDK may send, in an order in which none would. */
const plausibleFrame = fc.oneof(
  fc.tuple(handle, addresses, fc.boolean()).map(([at, address, receives]) => {
    return attach({ handle: at, ...(receives ? { from: address } : { to: address }) });
  }),
  fc.tuple(handle, fc.nat(10_000), fc.boolean()).map(([at, credit, echo]) => {
    return flow(at, credit, { echo });
  }),
  fc
    .tuple(handle, fc.nat(5), payload, fc.boolean(), fc.boolean())
    .map(([at, id, bytes, settled, more]) => {
      return transfer({ handle: at, id, payload: bytes, settled, more });
    }),
  fc.tuple(fc.nat(3), value, payload).map(([id, format, bytes]) => {
    const fields = [enc.uint(2), format, enc.binary(Buffer.from('t')), format, enc.bool(false)];
    return amqp(0, id === 0 ? CODE.disposition : CODE.transfer, fields, bytes);
  }),
  fc.tuple(handle, fc.boolean()).map(([at, closed]) => {
    return amqp(0, CODE.detach, [enc.uint(at), enc.bool(closed)]);
  }),
  fc.constant(0).map(() => putToken(server.port)),
  channel.map(begin),
  channel.map((on) => amqp(on, CODE.end, [])),
);

/** A frame whose bytes were changed, cut or followed by more. */
const mutatedFrame = fc
  .tuple(fc.oneof(plausibleFrame, wildFrame), fc.nat(), fc.nat(255), fc.nat(3))
  .map(([whole, at, byte, kind]) => {
    const changed = Buffer.from(whole);
    if (kind === 0) return changed.subarray(0, at % changed.length);
    if (kind === 1) changed[4 + (at % Math.max(changed.length - 4, 1))] = byte;
    if (kind === 2) changed.writeUInt32BE(at % MEGABYTE, 0);
    if (kind === 3) changed[at % changed.length] = byte;
    return changed;
  });

const saslFrame = fc
  .tuple(performatives, fc.array(value, { maxLength: 4 }))
  .map(([code, fields]) => frame(1, 0, enc.described(code, enc.list(fields))));

/** The client has sent all; the server has either answered or closed. */
async function sendAll(client: RawClient, units: readonly Buffer[]): Promise<void> {
  client.send(...units);
  client.socket.end();
  await until('the connection to be over', () => client.isClosed);
}

async function checkWitness(): Promise<void> {
  await witness.sendBatch([{ body: 'still served' }], { partitionId: '1' });
  expect(rejections).toEqual([]);
}

test('frames that are wrong in kind, order, type or length end at most their connection', async () => {
  const frames = fc.array(fc.oneof(plausibleFrame, plausibleFrame, wildFrame, mutatedFrame), {
    minLength: 1,
    maxLength: FRAMES,
  });
  await fc.assert(
    fc.asyncProperty(frames, fc.boolean(), async (units, links) => {
      const client = await authorizedClient(server.port);
      if (links) {
        client.send(
          attach({ handle: 2, to: 'metrics/Partitions/0' }),
          attach({ handle: 3, from: 'metrics/ConsumerGroups/router/Partitions/0' }),
          attach({ handle: 4, to: 'scale-commands' }),
          flow(3, 1000),
        );
      }
      await sendAll(client, units);
      await checkWitness();
    }),
    { numRuns: RUNS },
  );
});

test('garbage before and instead of the handshake ends at most its connection', async () => {
  const noise = fc.oneof(
    saslFrame,
    wildFrame,
    fc.constant(AMQP_HEADER),
    fc.constant(Buffer.from('AMQP\u0003\u0001\u0000\u0000', 'latin1')),
    fc.constant(open(1)),
    fc.constant(open()),
    fc.uint8Array({ maxLength: 100 }).map((bytes) => Buffer.from(bytes)),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(noise, { maxLength: 8 }), async (units) => {
      await sendAll(await rawClient(server.port), units);
    }),
    { numRuns: RUNS },
  );
  await checkWitness();
});

test('thousands of sessions and links are refused past their limits, and cost little', async () => {
  const before = process.memoryUsage().rss;
  const client = await authorizedClient(server.port);
  for (let on = 1; on <= 4999; on++) client.send(begin(on));
  for (let on = 1; on <= 20; on++) {
    for (let at = 0; at <= 255; at++) {
      client.send(attach({ channel: on, handle: at, from: '$management', name: `${on} ${at}` }));
    }
  }
  await until('the first refusal', () => client.frames.some(({ code }) => code === CODE.detach));
  await checkWitness();
  client.send(begin(5000));
  expect(await client.closed()).toBe('amqp:connection:framing-error');
  expect(process.memoryUsage().rss - before).toBeLessThan(200 * MEGABYTE);
});
