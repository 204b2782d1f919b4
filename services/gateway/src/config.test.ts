import { expect, test } from '@jest/globals';
import { EnvironmentError } from '@headroom/runtime';
import { readConfig } from './config.ts';

const account =
  '/subscriptions/s/resourceGroups/rg/providers/Microsoft.CognitiveServices/accounts/Vision';
const served = {
  path: '/vision',
  account,
  backend: 'https://vision.cognitiveservices.azure.com/',
  credential: { key: 'backend-secret' },
};
const keySha256 = 'aB'.repeat(32);
const principal = '00000000-0000-0000-0000-0000000000AA';
const app = { name: 'app', keySha256 };
const issuer = 'https://login.microsoftonline.com/t/v2.0';
const audience = 'https://cognitiveservices.azure.com';

function read(changes: Record<string, unknown> = {}) {
  const env = {
    GATEWAY_ACCOUNTS: [served],
    GATEWAY_CLIENTS: [app],
    EVENTHUBS_NAMESPACE: 'n.servicebus.windows.net',
    COSMOS_ENDPOINT: 'https://n.documents.azure.com:443/',
    ...changes,
  };
  const texts = Object.entries(env).map(([name, value]) => [
    name,
    typeof value === 'string' ? value : JSON.stringify(value),
  ]);
  return readConfig(Object.fromEntries(texts) as Record<string, string>);
}

test('accounts by path, on this machine unless told otherwise', () => {
  const config = read();
  expect(config.accounts).toEqual([{ ...served, account: account.toLowerCase() }]);
  expect(config.clients).toEqual({
    clients: [{ name: 'app', keySha256: Buffer.from(keySha256, 'hex') }],
  });
  expect(config.address).toEqual({ host: '127.0.0.1', port: 0 });
});

test('tokens, an address of its own, the path / and the own identity', () => {
  const config = read({
    GATEWAY_ACCOUNTS: [{ ...served, path: '/', credential: 'managedIdentity' }],
    GATEWAY_CLIENTS: [app, { name: 'job', principal }],
    GATEWAY_ENTRA_ISSUER: issuer,
    GATEWAY_ENTRA_AUDIENCE: audience,
    GATEWAY_URL: 'https://ai.example.com/',
  });
  expect(config.accounts).toMatchObject([{ path: '', credential: 'managedIdentity' }]);
  expect(config.clients.entra).toEqual({ issuer, audience });
  expect(config.clients.clients[1]).toEqual({ name: 'job', principal: principal.toLowerCase() });
  expect(config.address.url).toBe('https://ai.example.com');
});

const accounts = (changes: object) => ({ GATEWAY_ACCOUNTS: [{ ...served, ...changes }] });

test.each<[string, Record<string, unknown>]>([
  ['at 0.path', accounts({ path: 'vision' })],
  ['at 0.path', accounts({ path: '/vision/' })],
  ['at 0.path', accounts({ path: '/a/../b' })],
  ['at 0.account', accounts({ account: '/subscriptions/s' })],
  ['at 0.backend', accounts({ backend: 'http://vision.example.com' })],
  ['at 0.backend', accounts({ backend: 'https://user:secret-a@vision' })],
  ['at 0.backend', accounts({ backend: 'https://vision/?code=secret-a' })],
  ['at 0.credential', accounts({ credential: 'secret-a' })],
  ['at 0.credential', accounts({ credential: { key: 'secret-a\n' } })],
  ['at 0', accounts({ keys: 'secret-a' })],
  ['a path of its own', { GATEWAY_ACCOUNTS: [served, { ...served, account: `${account}2` }] }],
  ['each account once', { GATEWAY_ACCOUNTS: [served, { ...served, path: '/other' }] }],
  ['GATEWAY_ACCOUNTS: wrong', { GATEWAY_ACCOUNTS: '[{"path":"/vision","key":secret-a' }],
  ['GATEWAY_ACCOUNTS: missing', { GATEWAY_ACCOUNTS: '' }],
  ['GATEWAY_CLIENTS: wrong', { GATEWAY_CLIENTS: [] }],
  ['GATEWAY_CLIENTS: wrong', { GATEWAY_CLIENTS: [{ name: 'app', keySha256: 'secret-a' }] }],
  ['GATEWAY_CLIENTS: wrong', { GATEWAY_CLIENTS: [{ name: 'a\nb', keySha256 }] }],
  ['GATEWAY_ENTRA_ISSUER: missing', { GATEWAY_CLIENTS: [{ name: 'job', principal }] }],
  ['GATEWAY_ENTRA_AUDIENCE: missing', { GATEWAY_ENTRA_ISSUER: issuer }],
  ['GATEWAY_ENTRA_ISSUER: wrong', { GATEWAY_ENTRA_ISSUER: 'http://login.example.com' }],
  ['GATEWAY_URL: wrong', { GATEWAY_URL: 'gateway' }],
  ['GATEWAY_PORT: wrong', { GATEWAY_PORT: '70000' }],
])('%s', (problem, changes) => {
  let message = '';
  try {
    read(changes);
  } catch (error) {
    if (!(error instanceof EnvironmentError)) throw error;
    ({ message } = error);
  }
  expect(message).toContain(problem);
  expect(message).not.toContain('secret-a');
});
