import type { IncomingMessage } from 'node:http';
import { expect, test } from '@jest/globals';
import type { Access, Grant } from '../config/management.ts';
import type { Principal } from '../door/entra.ts';
import { requireAccess, requesterOf } from './authorization.ts';

const bearer = 'Bearer a.b.c';
const loginUrl = 'https://login.microsoftonline.com';

function asked(found: Principal, grants: readonly Grant[], authorization = bearer) {
  const request = { headers: { authorization } } as unknown as IncomingMessage;
  const principalOf = () => Promise.resolve(found);
  return requesterOf(request, { principalOf, grants, loginUrl });
}

const ann = (...roles: readonly string[]): Principal => ({ kind: 'principal', id: 'ann', roles });

test.each<[string, Principal, readonly Grant[], Access | undefined]>([
  ['a principal that is named', ann(), [{ principal: 'ann', access: 'read' }], 'read'],
  ['an app role that is named', ann('Limits'), [{ appRole: 'Limits', access: 'write' }], 'write'],
  [
    'the most of several grants',
    ann('Reader', 'Limits'),
    [
      { appRole: 'Reader', access: 'read' },
      { appRole: 'Limits', access: 'write' },
      { principal: 'ann', access: 'read' },
    ],
    'write',
  ],
  [
    'others',
    ann('limits'),
    [
      { principal: 'bob', access: 'write' },
      { appRole: 'Limits', access: 'write' },
    ],
    undefined,
  ],
  ['a role of the name of a principal', ann(), [{ appRole: 'ann', access: 'write' }], undefined],
])('%s', async (_who, found, grants, access) => {
  const requester = await asked(found, grants);
  expect(requester).toEqual({ id: 'ann', ...(access === undefined ? {} : { access }) });
  for (const needed of ['read', 'write'] as const) {
    const isLetIn = access === 'write' || access === needed;
    const requiring = () => requireAccess(requester, needed);
    if (isLetIn) expect(requiring).not.toThrow();
    else expect(requiring).toThrow(/does not have authorization/);
  }
});

test.each<[string, number, Principal, string]>([
  ['a token that is not good', 401, { kind: 'unknown', message: 'Expired.' }, bearer],
  ['no header', 401, ann(), ''],
  ['another scheme', 401, ann(), 'Basic a'],
  ['an endless token', 401, ann(), `Bearer ${'x'.repeat(20_000)}`],
  ['an issuer that is away', 503, { kind: 'away' }, bearer],
])('%s: %s', async (_what, status, found, authorization) => {
  await expect(asked(found, [], authorization)).rejects.toMatchObject({ status });
});
