import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { exportJWK, exportSPKI, generateKeyPair, SignJWT } from 'jose';
import type { JWTPayload } from 'jose';
import { entraTokens } from './entra.ts';
import type { PrincipalOf } from './entra.ts';

const audience = 'https://cognitiveservices.azure.com';
const oid = '00000000-0000-0000-0000-0000000000AA';
const sts = 'https://sts.local/';
const server = createServer();
const failures: unknown[] = [];
let [isAway, issuer] = [false, ''];
let keys: Awaited<ReturnType<typeof generateKeyPair>>;
let others: Awaited<ReturnType<typeof generateKeyPair>>;
let principalOf: PrincipalOf;

beforeAll(async () => {
  keys = await generateKeyPair('RS256');
  others = await generateKeyPair('RS256');
  const jwk = { ...(await exportJWK(keys.publicKey)), kid: 'k', use: 'sig', alg: 'RS256' };
  server.on('request', (request, answer) => {
    if (isAway) return answer.writeHead(500).end();
    const isKeys = request.url === '/keys';
    const found = isKeys
      ? { keys: [jwk] }
      : { issuer, access_token_issuer: sts, jwks_uri: `${issuer}/keys` };
    return answer.setHeader('content-type', 'application/json').end(JSON.stringify(found));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  principalOf = entraTokens({ issuer, audience }, (error) => failures.push(error));
});

afterAll(() => {
  server.closeAllConnections();
  server.close();
});

function claims(changes: JWTPayload = {}): JWTPayload {
  const now = Math.floor(Date.now() / 1_000);
  return { iss: issuer, aud: audience, oid, exp: now + 600, nbf: now - 10, ...changes };
}

function signed(payload: JWTPayload, key = keys.privateKey, kid = 'k'): Promise<string> {
  return new SignJWT(payload).setProtectedHeader({ alg: 'RS256', kid }).sign(key);
}

test('a good token tells its principal', async () => {
  const token = await signed(claims());
  const principal = { kind: 'principal', id: oid.toLowerCase() };
  expect(await principalOf(token)).toEqual({ ...principal, roles: [] });
  const roles = ['Limits.Write'];
  expect(await principalOf(await signed(claims({ roles })))).toEqual({ ...principal, roles });
});

test.each<[string, () => Promise<string>]>([
  ['of another audience', () => signed(claims({ aud: 'https://management.azure.com' }))],
  ['of another issuer', () => signed(claims({ iss: 'https://sts.windows.net/other/' }))],
  ['that has expired', () => signed(claims({ exp: Math.floor(Date.now() / 1_000) - 120 }))],
  ['that is not valid yet', () => signed(claims({ nbf: Math.floor(Date.now() / 1_000) + 120 }))],
  ['that never expires', () => signed({ iss: issuer, aud: audience, oid })],
  ['without an object id', () => signed({ ...claims(), oid: undefined })],
  ['signed by somebody else', () => signed(claims(), others.privateKey)],
  ['of a key that is not there', () => signed(claims(), others.privateKey, 'other')],
  ['that is not signed', () => Promise.resolve(unsigned())],
  ['signed with the public key as a secret', () => confused()],
  ['that is none', () => Promise.resolve('a.b.c')],
])('a token %s is not taken', async (_what, token) => {
  expect(await principalOf(await token())).toMatchObject({ kind: 'unknown' });
});

function unsigned(): string {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  return `${part({ alg: 'none', kid: 'k' })}.${part(claims())}.`;
}

async function confused(): Promise<string> {
  const secret = Buffer.from(await exportSPKI(keys.publicKey));
  return new SignJWT(claims()).setProtectedHeader({ alg: 'HS256', kid: 'k' }).sign(secret);
}

test('while the issuer is away nobody is unknown, and it is asked again later', async () => {
  isAway = true;
  const token = await signed(claims());
  const late = entraTokens({ issuer, audience }, (error) => failures.push(error));
  expect(await late(token)).toEqual({ kind: 'away' });
  expect(String(failures[0])).toContain('answered 500');
  isAway = false;
  // At once it is not asked: a flood of tokens is no flood of questions.
  expect(await late(token)).toEqual({ kind: 'away' });
});

test('an issuer that says it is another one is not believed', async () => {
  const wrong = entraTokens({ issuer: `${issuer}/`, audience }, (error) => failures.push(error));
  expect(await wrong(await signed(claims({ iss: `${issuer}/` })))).toEqual({ kind: 'away' });
  expect(String(failures.at(-1))).toContain('another issuer');
});

test('keys may be at another address, which says whose they are, as AD FS does', async () => {
  const keysAt = `${issuer}/adfs`;
  const ofSts = entraTokens({ issuer: sts, audience, keysAt }, (error) => failures.push(error));
  expect(await ofSts(await signed(claims({ iss: sts })))).toMatchObject({ kind: 'principal' });
  expect(await ofSts(await signed(claims()))).toMatchObject({ kind: 'unknown' });
});
