import { connect } from 'node:net';
import { CognitiveServicesManagementClient } from '@azure/arm-cognitiveservices';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { openDoor } from '../../services/gateway/src/door/server.ts';
import {
  apply,
  applicationToken,
  audience,
  ManagedWorld,
  visionDocument,
  visionPath,
} from './management-world.ts';
import { vision } from './world.ts';

/** The management listener, over HTTPS, with tokens of the embedded issuer: what people switch an account in Azure with. */
let managed: ManagedWorld;
beforeAll(async () => {
  managed = await ManagedWorld.start();
});
afterAll(() => managed[Symbol.asyncDispose]());
/** The account as it was applied, with autoscale off. */
beforeEach(() => apply(managed.settings, visionDocument));

const switched = (value: unknown) => ({ properties: { dynamicThrottlingEnabled: value } });
const isOn = async () => {
  const held = await managed.settings.read(vision);
  return held?.content.kind === 'rateLimit' && held.content.account.dynamicThrottlingEnabled;
};

describe('az resource update --set properties.dynamicThrottlingEnabled=true', () => {
  test('finds cloud, subscription, provider and account, and puts back what it got', async () => {
    const endpoints = await managed.send('GET', '/metadata/endpoints', { token: '' });
    expect(endpoints.body).toMatchObject({
      authentication: { audiences: [audience], loginEndpoint: expect.stringMatching(/adfs$/) },
    });
    const subscriptions = await managed.send('GET', '/subscriptions');
    expect(subscriptions.body).toMatchObject({
      value: [{ subscriptionId: 's', state: 'Enabled' }],
    });
    const provider = await managed.send(
      'GET',
      '/subscriptions/s/providers/Microsoft.CognitiveServices?api-version=2022-09-01',
    );
    const [type] = provider.body?.['resourceTypes'] as { apiVersions: string[] }[];
    // The SDK behind az leaves an empty segment where a parent would be, and writes the group in lower case.
    const path = `/subscriptions/s/resourcegroups/rg/providers/Microsoft.CognitiveServices//accounts/vision?api-version=${type?.apiVersions[0] ?? ''}`;
    const { body } = await managed.send('GET', path);
    expect(body).toMatchObject({ ...visionDocument, etag: expect.any(String) });
    expect(body).toMatchObject(switched(false));
    // Of a generic resource az sends these only.
    const { location, tags, kind, sku, properties } = body as typeof visionDocument;
    const put = await managed.send('PUT', path, {
      body: {
        location,
        tags,
        kind,
        sku,
        properties: { ...properties, ...switched(true).properties },
      },
    });
    expect(put).toMatchObject({ status: 200, body: switched(true) });
    expect(await isOn()).toBe(true);
    expect((await managed.settings.read(vision))?.document).toEqual({
      ...visionDocument,
      properties: { ...visionDocument.properties, dynamicThrottlingEnabled: true },
    });
  });

  test('the SDK of AI services does the same', async () => {
    const token = { token: managed.tokens.application, expiresOnTimestamp: Date.now() + 600_000 };
    const credential = { getToken: () => Promise.resolve(token) };
    const client = new CognitiveServicesManagementClient(credential, 's', {
      endpoint: managed.url,
    });
    const updated = await client.accounts.beginUpdateAndWait('rg', 'vision', {
      properties: { dynamicThrottlingEnabled: true },
    });
    expect(updated.properties?.dynamicThrottlingEnabled).toBe(true);
    const found = await client.accounts.get('rg', 'vision');
    expect(found).toMatchObject({ name: 'vision', properties: { dynamicThrottlingEnabled: true } });
    const listed: (string | undefined)[] = [];
    for await (const account of client.accounts.list()) listed.push(account.id);
    for await (const account of client.accounts.listByResourceGroup('RG'))
      listed.push(account.name);
    expect(listed).toEqual([visionPath, 'vision']);
  });
});

describe('the switch', () => {
  test.each([
    ['true', true, true],
    ['false', false, false],
    ['null', null, false],
  ])('%s', async (_name, value, expected) => {
    await managed.send('PATCH', visionPath, { body: switched(!expected) });
    const patched = await managed.send('PATCH', visionPath, { body: switched(value) });
    expect(patched).toMatchObject({ status: 200, body: switched(expected) });
    expect(await isOn()).toBe(expected);
  });

  test('is on and off by version: what somebody else saw before is refused', async () => {
    const { headers } = await managed.send('GET', visionPath);
    const etag = headers.get('etag') ?? '';
    const first = await managed.send('PATCH', visionPath, {
      ...{ body: switched(true), headers: { 'if-match': etag } },
    });
    expect(first.status).toBe(200);
    expect(first.headers.get('etag')).not.toBe(etag);
    expect(first.body?.['etag']).toBe(first.headers.get('etag'));
    const second = await managed.send('PUT', visionPath, {
      ...{ body: switched(false), headers: { 'if-match': etag } },
    });
    expect(second).toMatchObject({ status: 412, body: { error: { code: 'PreconditionFailed' } } });
    const any = { 'if-none-match': '*' };
    const created = await managed.send('PUT', visionPath, { body: switched(false), headers: any });
    expect(created.status).toBe(412);
    expect(await isOn()).toBe(true);
    // Asked for what is so already, nothing is written.
    const again = await managed.send('PATCH', visionPath, { body: switched(true) });
    expect(again.headers.get('etag')).toBe(first.headers.get('etag'));
  });

  test('of many who ask at once each has its turn; of those who saw one version only one', async () => {
    const { headers } = await managed.send('GET', visionPath);
    const seen = { 'if-match': headers.get('etag') ?? '' };
    const conditional = [1, 2, 3, 4].map(() =>
      managed.send('PATCH', visionPath, { body: switched(true), headers: seen }),
    );
    const statuses = (await Promise.all(conditional)).map(({ status }) => status);
    expect(statuses.sort()).toEqual([200, 412, 412, 412]);
    const free = [true, false, true, false].map((value) =>
      managed.send('PATCH', visionPath, { body: switched(value) }),
    );
    for (const { status } of await Promise.all(free)) expect(status).toBe(200);
  });

  test('cannot be turned on for the free tier, with the reason', async () => {
    await apply(managed.settings, { ...visionDocument, sku: { name: 'F0' } });
    const refused = await managed.send('PATCH', visionPath, { body: switched(true) });
    expect(refused).toMatchObject({
      status: 400,
      body: { error: { message: expect.stringContaining('free tier') } },
    });
  });

  test('is thrown with the name of who did it, once for each change, and without the token', async () => {
    managed.world.lines.length = 0;
    const { headers } = await managed.send('PATCH', visionPath, { body: switched(true) });
    const lines = managed.world.lines.filter((line) => line.includes('account.switched'));
    expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual([
      expect.objectContaining({
        ...{ account: vision, method: 'PATCH', kind: 'written', was: false, is: true },
        by: expect.stringMatching(/^[0-9a-f-]{36}$/),
        requestId: headers.get('x-ms-request-id'),
      }),
    ]);
    for (const token of Object.values<string>({ ...managed.tokens })) {
      expect(managed.world.lines.join('\n')).not.toContain(token.split('.')[2]);
    }
  });
});

describe('who may', () => {
  test('one whose grant is to read reads', async () => {
    const token = managed.tokens.machine;
    expect((await managed.send('GET', visionPath, { token })).status).toBe(200);
    const refused = await managed.send('PATCH', visionPath, { token, body: switched(true) });
    expect(refused).toMatchObject({
      status: 403,
      body: { error: { code: 'AuthorizationFailed' } },
    });
    expect(await isOn()).toBe(false);
  });

  test('nobody without a good token of this audience, and nothing is told', async () => {
    const other = await applicationToken(managed.azure, 'https://cosmos.azure.com');
    const { application } = managed.tokens;
    for (const token of ['', 'a.b.c', other, `${application.slice(0, -8)}AAAAAAAA`]) {
      for (const path of [visionPath, '/subscriptions', '/nothing']) {
        const refused = await managed.send('GET', path, { token });
        expect(refused.status).toBe(401);
        expect(refused.headers.get('www-authenticate')).toContain('authorization_uri');
        expect(refused.body?.error?.message).not.toContain('vision');
      }
    }
  });
});

const account = (name: string) => visionPath.replace(/vision$/, name);

type Refusal = readonly [number, string, string, string, unknown?];
const refusals: readonly Refusal[] = [
  [404, 'ResourceNotFound', 'GET', account('other')],
  [404, 'ResourceNotFound', 'PUT', account('other'), switched(true)],
  [404, 'ResourceNotFound', 'GET', account('x'.repeat(2_000))],
  [404, 'SubscriptionNotFound', 'GET', '/subscriptions/t'],
  [404, 'ResourceGroupNotFound', 'GET', '/subscriptions/s/resourceGroups/other'],
  [404, 'InvalidResourceType', 'GET', '/subscriptions/s/providers/Microsoft.Web/sites'],
  [405, 'MethodNotAllowed', 'DELETE', visionPath],
  [405, 'MethodNotAllowed', 'POST', '/metadata/endpoints'],
  [405, 'MethodNotAllowed', 'PUT', '/subscriptions/s', {}],
  [400, 'MissingApiVersionParameter', 'GET', `${visionPath}?x=1`],
  [400, 'InvalidApiVersionParameter', 'GET', `${visionPath}?api-version=latest`],
  [400, 'BadRequest', 'GET', '/subscriptions/s%2fresourceGroups/rg'],
  [400, 'InvalidRequestContent', 'PATCH', visionPath, '{'],
  [400, 'InvalidRequestContent', 'PATCH', visionPath, '[]'],
  [413, 'InvalidRequestContent', 'PATCH', visionPath, `"${'x'.repeat(1_100_000)}"`],
  [400, 'PropertyChangeNotAllowed', 'PATCH', visionPath, switched('on')],
  [400, 'PropertyChangeNotAllowed', 'PATCH', visionPath, { tags: { team: 'b' } }],
  [400, 'PropertyChangeNotAllowed', 'PUT', visionPath, { ...visionDocument, sku: { name: 'S2' } }],
];
test.each(refusals)('%s %s: %s %s', async (...refusal) => {
  const [status, code, method, path, body] = refusal;
  const answer = await managed.send(method, path, body === undefined ? {} : { body });
  expect(answer).toMatchObject({ status, body: { error: { code } } });
  expect(await isOn()).toBe(false);
});

test('while the store is away that is said, and when to ask again', async () => {
  managed.settings.isAway = true;
  const answer = await managed.send('PATCH', visionPath, { body: switched(true) });
  managed.settings.isAway = false;
  expect(answer).toMatchObject({ status: 503, body: { error: { code: 'ServiceUnavailable' } } });
  expect(answer.headers.get('retry-after')).toBe('3');
});

test('HEAD is answered as GET is, without a body', async () => {
  const answer = await managed.send('HEAD', visionPath);
  expect(answer).toMatchObject({ status: 200, body: undefined });
  expect(answer.headers.get('etag')).toMatch(/^"\d+"$/);
});

test('a body in another form than JSON is not read', async () => {
  const headers = { 'content-type': 'text/plain' };
  const answer = await managed.send('PATCH', visionPath, { body: '{}', headers });
  expect(answer.status).toBe(415);
});

test('a client that says nothing, not even of TLS, does not keep the listener open', async () => {
  const { tls } = managed.management;
  const door = await openDoor({ host: '127.0.0.1', port: 0, tls }, () => Promise.resolve());
  const socket = connect(Number(new URL(door.url).port), '127.0.0.1');
  await new Promise((resolve) => socket.once('connect', resolve));
  const closed = new Promise((resolve) => socket.once('close', resolve));
  await door.close(20);
  await closed;
});
