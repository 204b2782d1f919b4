import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { ServiceBusClient } from '@azure/service-bus';
import rhea from 'rhea';
import type { Connection, EventContext } from 'rhea';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AmqpServer } from '../../src/amqp/index.ts';
import type { SignIn } from '../../src/identity/index.ts';
import { openSignIn } from '../../src/identity/index.ts';
import { loadCertificates } from '../../src/tls/certificates.ts';
import { startTestServer, until } from '../amqp/server.fixture.ts';
import { forge, trust } from './sign-in.fixture.ts';

const KEY = 'c2VjcmV0';
let folder: string;
let now: number;
let server: AmqpServer;
let signIn: SignIn;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'expiry-'));
  now = Date.now();
  const certificate = await loadCertificates(folder, now);
  trust(certificate.caFile);
  signIn = await openSignIn(folder, () => now);
  const { tokens } = signIn;
  const clock = (): number => now;
  server = await startTestServer({ key: KEY, clock, tokens, certificate, housekeepingMs: 10 });
});
afterEach(async () => {
  await server.close();
  rmSync(folder, { recursive: true, force: true });
});

/** A client of its own making: it can open a link without a token for it, and keep one too long. */
async function openConnection(): Promise<Connection> {
  const connection = rhea
    .create_container()
    .connect({ host: '127.0.0.1', port: server.port, reconnect: false });
  await once(connection, 'connection_open');
  return connection;
}

async function put(connection: Connection, name: string, expiresS: number): Promise<number> {
  const replies = connection.open_receiver({ name: 'cbs', source: { address: '$cbs' } });
  const requests = connection.open_sender({ target: { address: '$cbs' } });
  await once(requests, 'sendable');
  const uri = encodeURIComponent(name);
  const hmac = createHmac('sha256', KEY).update(`${uri}\n${expiresS}`).digest('base64');
  const reply = once(replies, 'message') as Promise<[EventContext]>;
  requests.send({
    message_id: '1',
    reply_to: 'cbs',
    application_properties: {
      ...{ operation: 'put-token', type: 'servicebus.windows.net:sastoken', name },
    },
    body: `SharedAccessSignature sr=${uri}&sig=${encodeURIComponent(hmac)}&se=${expiresS}&skn=test`,
  });
  const [{ message }] = await reply;
  return Number(message?.application_properties?.['status-code']);
}

async function end(connection: Connection): Promise<void> {
  const closed = once(connection, 'connection_close');
  connection.close();
  await closed;
}

const soon = (): number => Math.floor(now / 1000) + 60;

describe('a token that was put', () => {
  test('opens the entity that it names and what is below, and no other', async () => {
    const connection = await openConnection();
    expect(await put(connection, 'sb://localhost/metrics', soon())).toBe(202);
    for (const address of ['metrics', 'METRICS/Partitions/1']) {
      await once(connection.open_sender({ target: { address } }), 'sendable');
    }
    const other = connection.open_sender({ target: { address: 'decisions' } });
    const [context] = (await once(other, 'sender_error')) as [EventContext];
    expect(context.sender?.error).toMatchObject({ condition: 'amqp:unauthorized-access' });
    await end(connection);
  });

  test('closes its links when it expires, unless a newer one was put', async () => {
    const connection = await openConnection();
    await put(connection, 'sb://localhost/metrics', soon());
    await put(connection, 'sb://localhost/decisions', soon() + 3600);
    const [short, long] = ['metrics', 'decisions'].map((address) =>
      connection.open_sender({ target: { address } }),
    );
    if (short === undefined || long === undefined) throw new Error('two links were opened');
    await Promise.all([once(short, 'sendable'), once(long, 'sendable')]);
    const ended = once(short, 'sender_error');
    now += 61_000;
    await ended;
    expect(short.error).toMatchObject({
      condition: 'amqp:unauthorized-access',
      description: expect.stringContaining('ExpiredToken'),
    });
    expect(long.is_open()).toBe(true);
    await end(connection);
  });
});

test('a sender whose token has expired asks for another one and goes on', async () => {
  const { tenant } = signIn;
  let asked = 0;
  const credential = {
    getToken: async () => {
      asked += 1;
      const token = await forge(tenant, 'https://servicebus.azure.net', Math.floor(now / 1000));
      // The SDK believes that it has more time: only the server ends the first token.
      return { token, expiresOnTimestamp: Date.now() + 7_200_000 };
    },
  };
  // What was on its way when its link was closed is given up soon, and sent again.
  const retryOptions = { maxRetries: 3, retryDelayInMs: 10, timeoutInMs: 1000 };
  const client = new ServiceBusClient(`localhost:${server.port}`, credential, { retryOptions });
  const sender = client.createSender('scale-commands');
  await sender.sendMessages({ body: 'before' });
  expect(asked).toBe(1);
  now += 3_700_000;
  await until('another token', async () => {
    await sender.sendMessages({ body: 'after' });
    return asked > 1;
  });
  await client.close();
});
