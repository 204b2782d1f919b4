import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createLocalJWKSet, jwtVerify } from 'jose';
import type { JSONWebKeySet } from 'jose';
import { MAX_FAILURES } from '../../src/identity/attempts.ts';
import { startTrusted } from './sign-in.fixture.ts';
import type { TrustedAzure } from './sign-in.fixture.ts';

let running: TrustedAzure;
let base: string;
beforeAll(async () => {
  running = await startTrusted();
  base = running.azure.identityEnv.ARM_ENDPOINT;
});
afterAll(async () => running[Symbol.asyncDispose]());

interface TokenAnswer {
  readonly access_token: string;
  readonly expires_in: number;
  readonly token_type: string;
}
interface Refusal {
  readonly error: string;
  readonly error_codes: readonly number[];
  readonly error_description: string;
}

async function get(path: string): Promise<Record<string, unknown>> {
  const response = await fetch(`${base}${path}`);
  expect(response.status).toBe(200);
  return (await response.json()) as Record<string, unknown>;
}

function form(changes: Readonly<Record<string, string>> = {}): URLSearchParams {
  const { clientId, clientSecret } = running.tenant.application;
  return new URLSearchParams({
    grant_type: 'client_credentials',
    client_id: clientId,
    client_secret: clientSecret,
    scope: 'https://management.azure.com/.default',
    ...changes,
  });
}

const post = (path: string, body: string | URLSearchParams, headers = {}): Promise<Response> =>
  fetch(`${base}${path}`, { method: 'POST', body, headers });

async function refusal(
  changes: Readonly<Record<string, string>>,
  path = '/adfs/oauth2/token',
): Promise<{ status: number; error: string; numbers: readonly number[]; text: string }> {
  const response = await post(path, form(changes));
  const { error, error_codes, error_description } = (await response.json()) as Refusal;
  return { status: response.status, error, numbers: error_codes, text: error_description };
}

describe('the token endpoint', () => {
  test.each(['/{tenant}/oauth2/v2.0/token', '/{tenant}/oauth2/token', '/adfs/oauth2/token'])(
    'grants a token to the application at %s, which the published keys verify',
    async (route) => {
      const path = route.replace('{tenant}', running.tenant.tenantId);
      const answer = (await (await post(path, form())).json()) as TokenAnswer;
      expect(answer).toMatchObject({ token_type: 'Bearer', expires_in: 3600 });
      const keys = (await get('/discovery/keys')) as unknown as JSONWebKeySet;
      expect(Object.keys(keys.keys[0] ?? {}).sort()).toEqual([
        'alg',
        'e',
        'kid',
        'kty',
        'n',
        'use',
      ]);
      const { payload } = await jwtVerify(answer.access_token, createLocalJWKSet(keys));
      const { tenantId, application } = running.tenant;
      expect(payload).toMatchObject({
        ...{ aud: 'https://management.azure.com', tid: tenantId, roles: ['Owner'] },
        ...{ appid: application.clientId, oid: application.objectId },
      });
    },
  );

  test('takes the client’s secret as basic authorization, and a resource instead of a scope', async () => {
    const { clientId, clientSecret } = running.tenant.application;
    const basic = Buffer.from(`${clientId}:${clientSecret}`).toString('base64');
    const body = 'grant_type=client_credentials&resource=https://management.core.windows.net/';
    const headers = {
      authorization: `Basic ${basic}`,
      'content-type': 'application/x-www-form-urlencoded',
    };
    const response = await post('/adfs/oauth2/token', body, headers);
    expect(response.status).toBe(200);
  });

  test.each([
    ['a wrong secret', { client_secret: 'x' }, 401, 'invalid_client', 7000215],
    ['an unknown application', { client_id: 'x' }, 400, 'unauthorized_client', 700016],
    ['an unknown resource', { scope: 'https://x/.default' }, 400, 'invalid_resource', 500011],
    ['a scope that is none', { scope: 'User.Read' }, 400, 'invalid_scope', 1002012],
    ['no scope', { scope: '' }, 400, 'invalid_request', 900144],
    ['a user’s password', { grant_type: 'password' }, 400, 'unsupported_grant_type', 70003],
  ])('refuses %s with Entra’s code', async (_what, changes, status, error, number) => {
    expect(await refusal(changes)).toMatchObject({ status, error, numbers: [number] });
  });

  test('signing in with a certificate is not supported, and says what is', async () => {
    const body = form({ client_assertion: 'a.b.c' });
    body.delete('client_secret');
    const answer = (await (await post('/adfs/oauth2/token', body)).json()) as Refusal;
    expect(answer.error_codes).toEqual([7000218]);
    expect(answer.error_description).toContain('not supported');
  });

  test('signing in as a user is not supported, and says what is', async () => {
    for (const path of ['/adfs/oauth2/authorize', '/common/oauth2/v2.0/devicecode']) {
      const response = await fetch(`${base}${path}`);
      expect(response.status).toBe(400);
      expect(((await response.json()) as Refusal).error_description).toContain('not supported');
    }
  });

  test('refuses another tenant, a long form and other methods', async () => {
    const other = await refusal({}, '/11111111-1111-1111-1111-111111111111/oauth2/v2.0/token');
    expect(other).toMatchObject({ status: 400, numbers: [90002] });
    const long = await refusal({ more: 'x'.repeat(70_000) });
    expect(long.text).toContain('above 65536 bytes');
    expect((await fetch(`${base}/adfs/oauth2/token`)).status).toBe(400);
  });
});

describe('discovery', () => {
  test('an authority tells its endpoints under its own address, with the tokens’ issuer', async () => {
    const { tenantId } = running.tenant;
    const issuer = `https://sts.headroom.local/${tenantId}/`;
    for (const tenant of [tenantId, 'adfs', 'adfs/somebody']) {
      expect(await get(`/${tenant}/.well-known/openid-configuration`)).toMatchObject({
        issuer: `${base}/${tenant}`,
        access_token_issuer: issuer,
        token_endpoint: `${base}/${tenant}/oauth2/token`,
        jwks_uri: `${base}/${tenant}/discovery/keys`,
      });
    }
    const v2 = await get(`/${tenantId}/v2.0/.well-known/openid-configuration`);
    expect(v2['token_endpoint']).toBe(`${base}/${tenantId}/oauth2/v2.0/token`);
  });

  test('instance discovery knows this host alone', async () => {
    const { host } = new URL(base);
    const found = await get('/common/discovery/instance?api-version=1.1');
    expect(found).toMatchObject({ metadata: [{ preferred_network: host, aliases: [host] }] });
  });

  test('az cloud register finds the authority', async () => {
    expect(await get('/metadata/endpoints?api-version=2015-01-01')).toMatchObject({
      authentication: { loginEndpoint: `${base}/adfs`, audiences: [base] },
    });
  });
});

describe('the managed identity', () => {
  const ask = async (
    query: string,
    headers: Record<string, string>,
  ): Promise<{ status: number; body: Record<string, unknown> }> => {
    const url = `${running.azure.identityEnv.IDENTITY_ENDPOINT}${query}`;
    const response = await fetch(url, { headers });
    return { status: response.status, body: (await response.json()) as Record<string, unknown> };
  };
  const resource = 'resource=https://management.azure.com/';
  const header = (): string => running.tenant.managedIdentity.header;

  test('answers both versions of App Service’s endpoint, each with its header and date', async () => {
    const now = await ask(`?${resource}&api-version=2019-08-01`, { 'x-identity-header': header() });
    expect(now).toMatchObject({ status: 200, body: { token_type: 'Bearer' } });
    expect(Number(now.body['expires_on'])).toBeGreaterThan(Date.now() / 1000);
    const old = await ask(`/?${resource}&api-version=2017-09-01`, { secret: header() });
    expect(old.body['expires_on']).toMatch(/^\d\d\/\d\d\/\d{4} \d\d:\d\d:\d\d \+00:00$/);
    expect(old.body['client_id']).toBe(running.tenant.managedIdentity.clientId);
  });

  test.each([
    ['a wrong secret', `?${resource}&api-version=2019-08-01`, { 'x-identity-header': 'x' }, 401],
    ['no secret', `?${resource}&api-version=2019-08-01`, {}, 401],
    ['another version', `?${resource}&api-version=2018-02-01`, {}, 400],
  ])('refuses %s', async (_what, query, headers, status) => {
    expect((await ask(query, headers as Record<string, string>)).status).toBe(status);
  });

  test('refuses an unknown resource and an identity that is not there', async () => {
    const secret = { 'x-identity-header': header() };
    const version = 'api-version=2019-08-01';
    expect((await ask(`?resource=https://x&${version}`, secret)).status).toBe(400);
    expect((await ask(`?${resource}&${version}&client_id=x`, secret)).status).toBe(400);
    const { clientId } = running.tenant.managedIdentity;
    expect((await ask(`?${resource}&${version}&client_id=${clientId}`, secret)).status).toBe(200);
  });

  test('the metadata service of virtual machines (IMDS) is not supported, and says what is', async () => {
    const url = new URL(
      '/metadata/identity/oauth2/token',
      running.azure.identityEnv.IDENTITY_ENDPOINT,
    );
    const response = await fetch(url, { headers: { metadata: 'true' } });
    expect(response.status).toBe(501);
    expect(await response.text()).toContain('IDENTITY_ENDPOINT');
  });

  test('Resource Manager over plain HTTP says to use https', async () => {
    const response = await fetch(
      new URL('/subscriptions', running.azure.identityEnv.IDENTITY_ENDPOINT),
    );
    expect(response.status).toBe(400);
    expect(await response.text()).toContain('https');
  });
});

describe('a guesser', () => {
  test('is held off after many wrong secrets', async () => {
    await using own = await startTrusted();
    base = own.azure.identityEnv.ARM_ENDPOINT;
    const wrong = form({ client_id: own.tenant.application.clientId, client_secret: 'x' });
    for (let tries = 0; tries < MAX_FAILURES; tries += 1) {
      expect((await post('/adfs/oauth2/token', wrong)).status).toBe(401);
    }
    const held = await post('/adfs/oauth2/token', wrong);
    expect(held.status).toBe(429);
    expect(Number(held.headers.get('retry-after'))).toBeGreaterThan(0);
  });
});
