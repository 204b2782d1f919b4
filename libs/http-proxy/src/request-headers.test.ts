import { expect, test } from '@jest/globals';
import { forwardedHeaders } from './request-headers.ts';

const asIs = { uncompressed: false };

test('what belongs to the connection, the caller and other roads stays here', () => {
  const raw = [
    ...['Host', 'gateway', 'Connection', 'keep-alive, X-Mine', 'X-Mine', '1', 'TE', 'trailers'],
    ...['Authorization', 'Bearer a.b.c', 'api-key', 'k', 'Ocp-Apim-Subscription-Key', 'k'],
    ...['Cookie', 'a=b', 'X-Forwarded-Host', 'evil', 'X-Original-URL', '/admin'],
    ...['X-MS-Client-Principal-Id', 'admin', 'X-MS-Token-AAD-Id-Token', 'a.b.c'],
    ...['Transfer_Encoding', 'chunked', 'Content-Length', '3', 'Upgrade', 'h2c'],
    ...['Content-Type', 'application/json', 'X-Ms-Client-Request-Id', '7'],
  ];
  const expected = ['content-type', 'application/json', 'x-ms-client-request-id', '7'];
  expect(forwardedHeaders(raw, asIs)).toEqual({ ok: true, value: expected });
});

test('an answer that is to be read comes uncompressed', () => {
  const raw = ['Accept-Encoding', 'gzip', 'Accept', '*/*'];
  const value = ['accept', '*/*', 'accept-encoding', 'identity'];
  expect(forwardedHeaders(raw, { uncompressed: true })).toEqual({ ok: true, value });
});

test.each(['Host', 'Content-Length', 'Content-Type', 'api-key', 'Authorization'])(
  'two of %s are refused',
  (name) => {
    const raw = [name, '1', name.toLowerCase(), '1'];
    expect(forwardedHeaders(raw, asIs)).toMatchObject({ ok: false });
  },
);
