import { hash } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { expect, test } from '@jest/globals';
import type { KnownClient } from '../config/clients.ts';
import { identifier } from './callers.ts';
import type { PrincipalOf } from './entra.ts';

const principal = '00000000-0000-0000-0000-0000000000aa';
const keyOf = (name: string, key: string): KnownClient => ({
  name,
  keySha256: Buffer.from(hash('sha256', key), 'hex'),
});
const clients: KnownClient[] = [
  keyOf('app', 'old'),
  keyOf('app', 'new'),
  keyOf('batch', 'other'),
  { name: 'job', principal },
];
const tokens: Record<string, Awaited<ReturnType<PrincipalOf>>> = {
  'a.b.good': { kind: 'principal', id: principal, roles: [] },
  'a.b.stranger': { kind: 'principal', id: 'ff', roles: [] },
  'a.b.bad': { kind: 'unknown', message: 'The token has expired.' },
  'a.b.away': { kind: 'away' },
};
const identify = identifier(clients, (token) => Promise.resolve(tokens[token]!));

test.each<[string, IncomingHttpHeaders]>([
  ['app', { 'api-key': 'old' }],
  ['app', { 'api-key': 'new' }],
  ['batch', { 'ocp-apim-subscription-key': 'other' }],
  ['batch', { authorization: 'Bearer other' }],
  ['app', { 'api-key': 'old', authorization: 'Bearer old' }],
  ['job', { authorization: 'bearer a.b.good' }],
])('%s: %j', async (name, headers) => {
  expect(await identify(headers)).toEqual({ kind: 'caller', name });
});

test.each<[RegExp, IncomingHttpHeaders]>([
  [/No credential/, {}],
  [/No credential/, { authorization: 'Basic old' }],
  [/No credential/, { 'api-key': '' }],
  [/not known/, { 'api-key': 'OLD' }],
  [/not known/, { 'api-key': 'old, old' }],
  [/differ/, { 'api-key': 'old', 'ocp-apim-subscription-key': 'new' }],
  [/principal is not known/, { authorization: 'Bearer a.b.stranger' }],
  [/expired/, { authorization: 'Bearer a.b.bad' }],
  [/too long/, { 'api-key': 'k'.repeat(20_000) }],
])('%s %j', async (message, headers) => {
  const found = await identify(headers);
  expect(found).toMatchObject({ kind: 'unknown' });
  expect('message' in found && found.message).toMatch(message);
});

test('a token that nobody can check now is no unknown caller', async () => {
  expect(await identify({ authorization: 'Bearer a.b.away' })).toEqual({ kind: 'away' });
});

test('no tokens are taken where no authority is named', async () => {
  const found = await identifier(clients)({ authorization: 'Bearer a.b.good' });
  expect(found).toMatchObject({ kind: 'unknown', message: 'Entra tokens are not taken here.' });
});
