import { once } from 'node:events';
import { connect } from 'node:net';
import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import fc from 'fast-check';
import { ServiceBusClient } from '@azure/service-bus';
import type { AmqpServer } from '../../src/amqp/index.ts';
import { startTestServer, testEntities, testFolder } from './server.fixture.ts';

// A busy machine makes the SDKs slow; every wait has its own shorter bound.
jest.setTimeout(30_000);

let server: AmqpServer;

beforeEach(async () => {
  server = await startTestServer();
});

afterEach(() => server.close());

const AMQP_HEADER = Buffer.from('AMQP\u0000\u0001\u0000\u0000', 'latin1');

async function answerTo(bytes: Buffer): Promise<Buffer> {
  const socket = connect(server.port, '127.0.0.1');
  socket.on('error', () => undefined);
  const chunks: Buffer[] = [];
  socket.on('data', (chunk) => chunks.push(chunk));
  socket.end(bytes);
  await once(socket, 'close');
  return Buffer.concat(chunks);
}

test('bytes that are no AMQP close their own connection only', async () => {
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ maxLength: 400 }), fc.boolean(), async (bytes, header) => {
      await answerTo(Buffer.concat([header ? AMQP_HEADER : Buffer.alloc(0), Buffer.from(bytes)]));
    }),
    { numRuns: 200 },
  );
  const client = new ServiceBusClient(server.connectionString);
  await client.createSender('scale-commands').sendMessages({ body: 'still here' });
  await client.close();
});

test('a frame that is too large ends the connection with the reason', async () => {
  const answer = await answerTo(
    Buffer.concat([AMQP_HEADER, Buffer.from('7fffffff02000000', 'hex')]),
  );
  expect(answer.toString('latin1')).toContain('amqp:connection:framing-error');
});

test('another protocol version is answered with ours', async () => {
  const answer = await answerTo(Buffer.from('AMQP\u0000\u0000\u0009\u0001', 'latin1'));
  expect(answer.subarray(0, 8)).toEqual(AMQP_HEADER);
});

test('a taken port is an error, not a crash', async () => {
  await expect(startTestServer({ port: server.port })).rejects.toMatchObject({
    code: 'EADDRINUSE',
  });
});

test('entities that contradict each other are refused at the start', async () => {
  const [queue] = testEntities.queues;
  await expect(
    startTestServer({ entities: { ...testEntities, queues: [queue!, queue!] } }),
  ).rejects.toThrow(/Two entities are named/);
  await expect(startTestServer({ entities: { ...testEntities, queues: [] } })).rejects.toThrow(
    /forwards to 'scale-commands', which is no queue or topic here/,
  );
});

test('a data file belongs to one server at a time', async () => {
  using folder = testFolder();
  await using first = await startTestServer({ dataFile: folder.dataFile });
  await expect(startTestServer({ dataFile: folder.dataFile })).rejects.toThrow(
    /is in use by another process/,
  );
  await first.close();
  await using second = await startTestServer({ dataFile: folder.dataFile });
  expect(second.port).toBeGreaterThan(0);
});
