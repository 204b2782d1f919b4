import { createHmac } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { CosmosClient } from '@azure/cosmos';
import { EventHubProducerClient } from '@azure/event-hubs';
import { ServiceBusClient } from '@azure/service-bus';
import { cosmos, eventHubs, serviceBus } from '@headroom/topology';
import { refusalOf, startTrusted } from './sign-in.fixture.ts';
import type { TrustedAzure } from './sign-in.fixture.ts';

let running: TrustedAzure;
let endpoint: string;
beforeAll(async () => {
  running = await startTrusted();
  endpoint = `sb://127.0.0.1:${running.azure.ports.amqp}`;
});
afterAll(async () => running[Symbol.asyncDispose]());

const HUB = eventHubs.metrics.name;
const once = { retryOptions: { maxRetries: 0 } };

async function hubProperties(connectionString: string, hub: string = HUB): Promise<unknown> {
  const client = new EventHubProducerClient(connectionString, hub, once);
  try {
    return await client.getEventHubProperties();
  } finally {
    await client.close();
  }
}

async function queueSend(connectionString: string): Promise<void> {
  const client = new ServiceBusClient(connectionString, once);
  try {
    await client.createSender(serviceBus.queue.name).sendMessages({ body: 1 });
  } finally {
    await client.close();
  }
}

interface Signature {
  readonly resource?: string;
  readonly keyName?: string;
  readonly key?: string;
  readonly expiresS?: number;
}

/** A connection string that holds a shared access signature instead of the key. */
function signed({ resource, keyName, key, expiresS }: Signature = {}): string {
  const given = running.azure.env.EVENTHUBS_CONNECTION_STRING;
  const part = (name: string): string => new RegExp(`${name}=([^;]+)`).exec(given)?.[1] ?? '';
  const uri = encodeURIComponent(resource ?? `${endpoint}/${HUB}`);
  const expiry = expiresS ?? Math.floor(Date.now() / 1000) + 600;
  const hmac = createHmac('sha256', key ?? part('SharedAccessKey')).update(`${uri}\n${expiry}`);
  const sig = encodeURIComponent(hmac.digest('base64'));
  const name = keyName ?? part('SharedAccessKeyName');
  const signature = `SharedAccessSignature sr=${uri}&sig=${sig}&se=${expiry}&skn=${name}`;
  return `Endpoint=${endpoint};SharedAccessSignature=${signature};UseDevelopmentEmulator=true`;
}

describe('the shared key of Event Hubs and Service Bus', () => {
  test('lets in over plain TCP and over TLS', async () => {
    const plain = running.azure.env.SERVICEBUS_CONNECTION_STRING;
    const secure = plain
      .replace('127.0.0.1', 'localhost')
      .replace('UseDevelopmentEmulator=true;', '');
    for (const connection of [plain, secure]) {
      await queueSend(connection);
      expect(await hubProperties(connection)).toMatchObject({ name: HUB });
    }
  });

  test('is refused when it is wrong, or has another name', async () => {
    const given = running.azure.env.SERVICEBUS_CONNECTION_STRING;
    const wrong = given.replace(/SharedAccessKey=[^;]+/, 'SharedAccessKey=d3Jvbmc=');
    expect(await refusalOf(queueSend(wrong))).toEqual({
      status: 'UnauthorizedAccess',
      message: expect.stringContaining('is not the one of this embedded Azure'),
    });
    const other = given.replace(/SharedAccessKeyName=[^;]+/, 'SharedAccessKeyName=mine');
    const { message } = await refusalOf(queueSend(other));
    expect(message).toContain(`no key named 'mine'`);
  });
});

describe('a shared access signature', () => {
  test('lets in where it is for the hub, or for the namespace, whatever its scheme', async () => {
    const port = running.azure.ports.amqp;
    for (const resource of [
      `${endpoint}/${HUB}`,
      `${endpoint}/`,
      `http://127.0.0.1:${port}/METRICS`,
    ]) {
      expect(await hubProperties(signed({ resource }))).toMatchObject({ name: HUB });
    }
  });

  test.each<[string, () => Signature, RegExp]>([
    ['signed with another key', () => ({ key: 'other' }), /signature of the token is wrong/],
    ['with another key’s name', () => ({ keyName: 'mine' }), /no key named 'mine'/],
    ['that has expired', () => ({ expiresS: 1_000_000_000 }), /has expired/],
    ['whose end is no number', () => ({ expiresS: NaN }), /has expired/],
    ['for another hub', () => ({ resource: `${endpoint}/settings` }), /is for 'sb:.*not for/],
    ['for a hub whose name begins alike', () => ({ resource: `${endpoint}/metric` }), /not for/],
    ['for another host', () => ({ resource: `sb://other/${HUB}` }), /not for/],
    ['that is not URL-encoded', () => ({ keyName: '%' }), /not URL-encoded/],
  ])('is refused %s', async (_what, make, reason) => {
    const { status, message } = await refusalOf(hubProperties(signed(make())));
    expect(status).toBe('UnauthorizedError');
    expect(message).toMatch(reason);
  });

  test('for one hub opens no other', async () => {
    const { message } = await refusalOf(hubProperties(signed(), 'settings'));
    expect(message).toMatch(/is for '.*\/metrics', not for/);
  });
});

describe('the key of Cosmos DB', () => {
  const read = async (account: { endpoint?: string; key?: string }): Promise<unknown> => {
    const { COSMOS_ENDPOINT, COSMOS_KEY } = running.azure.env;
    const client = new CosmosClient({ endpoint: COSMOS_ENDPOINT, key: COSMOS_KEY, ...account });
    try {
      return (await client.database(cosmos.database).read()).resource?.id;
    } finally {
      client.dispose();
    }
  };

  test('lets in over plain HTTP and over HTTPS', async () => {
    expect(await read({})).toBe(cosmos.database);
    const { COSMOS_ENDPOINT: endpoint } = running.azure.identityEnv;
    expect(await read({ endpoint })).toBe(cosmos.database);
  });

  test('is refused when it is wrong', async () => {
    const key = Buffer.from('wrong').toString('base64');
    const { status, message } = await refusalOf(read({ key }));
    expect(status).toBe(401);
    expect(message).toContain('COSMOS_KEY');
  });

  const request = (headers: Record<string, string>): Promise<Response> =>
    fetch(`${running.azure.env.COSMOS_ENDPOINT}dbs`, { headers });

  test('a signature of more than 15 minutes ago, or ahead, is refused with 403', async () => {
    for (const [minutes, status] of [
      [-14, 200],
      [-16, 403],
      [16, 403],
    ] as const) {
      const date = new Date(Date.now() + minutes * 60_000).toUTCString();
      const hmac = createHmac('sha256', Buffer.from(running.azure.env.COSMOS_KEY, 'base64'));
      const sig = hmac.update(`get\ndbs\n\n${date.toLowerCase()}\n\n`).digest('base64');
      const authorization = encodeURIComponent(`type=master&ver=1.0&sig=${sig}`);
      expect((await request({ authorization, 'x-ms-date': date })).status).toBe(status);
    }
  });

  test.each([
    ['no authorization', {}, /authorization is missing/],
    ['a resource token', { authorization: 'type=resource&ver=1&sig=x' }, /type=master/],
    [
      'a resource token of 1.0',
      { authorization: 'type=resource%26ver=1.0%26sig=x' },
      /not supported/,
    ],
    [
      'a token over plain HTTP',
      { authorization: 'type=aad%26ver=1.0%26sig=a.b.c' },
      /over https only/,
    ],
  ])('%s is refused with 401', async (_what, headers, reason) => {
    const response = await request(headers);
    expect(response.status).toBe(401);
    expect(await response.text()).toMatch(reason);
  });
});
