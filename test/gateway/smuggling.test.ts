import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { backendKey, key, World } from './world.ts';
import type { Got, RunningGateway } from './world.ts';

/**
 * What is not a request that every server reads in the same way reaches no backend. Each case goes over a connection of
 * its own, byte by byte as it stands here; a second request in it is the one that an attacker would smuggle.
 */
let world: World;
let gateway: RunningGateway;

beforeAll(async () => {
  world = await World.start((request, answer) => {
    request.resume().once('end', () => answer.end('{}'));
    request.on('error', () => undefined);
  });
  await world.apply();
  gateway = await world.gateway({ door: { lingerMs: 50, headersMs: 200 } });
});
afterAll(() => world.close());
beforeEach(() => void world.got.splice(0));

const head = (line: string, ...headers: string[]) =>
  [line, 'Host: gateway', `api-key: ${key}`, ...headers, '', ''].join('\r\n');
const get = (path: string, ...headers: string[]) =>
  head(`GET ${path} HTTP/1.1`, ...headers, 'Connection: close');
const post = (...headers: string[]) =>
  head('POST /vision/analyze HTTP/1.1', 'Content-Type: application/json', ...headers);
const smuggled = 'GET /admin HTTP/1.1\r\nHost: gateway\r\n\r\n';

function statusOf(answers: string): string {
  return answers.slice('HTTP/1.1 '.length, 'HTTP/1.1 '.length + 3);
}

test('the plain case passes, with the backend’s key for the client’s', async () => {
  const answer = await gateway.raw(post('Content-Length: 2', 'Connection: close'), '{}');
  expect(statusOf(answer)).toBe('200');
  expect(world.got).toMatchObject([{ method: 'POST', url: '/base/analyze' }]);
  expect(world.got[0]!.headers['api-key']).toBe(backendKey);
  expect(answer).not.toContain(backendKey);
});

describe('where a body ends', () => {
  test.each<[string, string]>([
    ['length and chunks', post('Content-Length: 5', 'Transfer-Encoding: chunked') + '0\r\n\r\n'],
    ['chunks and length', post('Transfer-Encoding: chunked', 'Content-Length: 5') + '0\r\n\r\n'],
    ['two lengths', post('Content-Length: 0', 'Content-Length: 5')],
    ['two lengths in one', post('Content-Length: 0, 5')],
    ['twice the same length', post('Content-Length: 2', 'Content-Length: 2') + '{}'],
    ['a length with a sign', post('Content-Length: +2') + '{}'],
    ['a length in hexadecimal', post('Content-Length: 0x2') + '{}'],
    ['a negative length', post('Content-Length: -1')],
    ['chunks before something else', post('Transfer-Encoding: chunked, identity') + '0\r\n\r\n'],
    ['a name that ends in a space', post('Transfer-Encoding : chunked') + '0\r\n\r\n'],
    ['a name that begins with one', post('X-A: 1', ' Transfer-Encoding: chunked') + '0\r\n\r\n'],
    ['a name with a tab', post('Transfer-Encoding\t: chunked') + '0\r\n\r\n'],
    ['no number of a chunk', post('Transfer-Encoding: chunked') + 'zz\r\n{}\r\n0\r\n\r\n'],
    [
      'a number of a chunk with a sign',
      post('Transfer-Encoding: chunked') + '-2\r\n{}\r\n0\r\n\r\n',
    ],
    ['a chunk longer than it says', post('Transfer-Encoding: chunked') + '2\r\n{}}\r\n0\r\n\r\n'],
    ['a chunk without its end', post('Transfer-Encoding: chunked') + '2\r\n{}0\r\n\r\n'],
    ['a chunk of 2^64', post('Transfer-Encoding: chunked') + '10000000000000000\r\n{}\r\n'],
    ['a line feed alone after a chunk', post('Transfer-Encoding: chunked') + '2\n{}\n0\n\n'],
  ])('%s', async (_what, bytes) => {
    const answers = await gateway.raw(bytes + smuggled);
    expect(statusOf(answers)).toBe('400');
    expect(answers.match(/^HTTP\/1\.1 \d/gm)).toHaveLength(1);
    // A body that turns bad on the way may have begun at the backend, which then never sees its end.
    expect(world.got.filter(({ url }) => url !== '/base/analyze')).toEqual([]);
  });
});

test.each([
  ['a coding before the chunks', post('Transfer-Encoding: gzip, chunked')],
  ['something like chunks', post('Transfer-Encoding: xchunked')],
  ['chunks in two headers', post('Transfer-Encoding: x', 'Transfer-Encoding: chunked')],
])('%s is nothing that can be sent on', async (_what, bytes) => {
  expect(statusOf(await gateway.raw(`${bytes}0\r\n\r\n`))).toBe('501');
  expect(world.got).toEqual([]);
});

describe('headers that are no headers', () => {
  test.each<[string, string]>([
    ['a folded line', get('/vision/x', 'X-A: 1', ' 2')],
    ['a folded length', post('Content-Length:', ' 2') + '{}'],
    ['a NUL in a value', get('/vision/x', 'X-A: a\0b')],
    ['a NUL in a name', get('/vision/x', 'X-\0A: b')],
    ['a carriage return alone', get('/vision/x', 'X-A: 1\rX-B: 2')],
    ['a name of several words', get('/vision/x', 'X A: 1')],
    ['no name', get('/vision/x', ': 1')],
    ['no colon', get('/vision/x', 'X-A')],
    ['no host', `GET /vision/x HTTP/1.1\r\napi-key: ${key}\r\n\r\n`],
    ['two hosts', get('/vision/x', 'Host: other')],
    ['line feeds alone', `GET /vision/x HTTP/1.1\nHost: a\napi-key: ${key}\n\n`],
    ['no version', `GET /vision/x\r\n\r\n`],
    ['two keys', get('/vision/x', 'api-key: other')],
    ['two types', get('/vision/x', 'Content-Type: a/b', 'content-type: c/d')],
  ])('%s', async (_what, bytes) => {
    expect(await gateway.raw(bytes)).toMatch(/^HTTP\/1\.1 (?:400|401|505) /);
    expect(world.got).toEqual([]);
  });

  test('an old version, too many headers, too large ones', async () => {
    const old = await gateway.raw(head('GET /vision/x HTTP/1.0'));
    expect(statusOf(old)).toBe('505');
    const many = Array.from({ length: 150 }, (_, at) => `X-${at}: 1`);
    expect(statusOf(await gateway.raw(get('/vision/x', ...many)))).toBe('431');
    expect(statusOf(await gateway.raw(get('/vision/x', `X-A: ${'a'.repeat(20_000)}`)))).toBe('431');
    expect(world.got).toEqual([]);
  });

  test('headers that never end', async () => {
    const answer = await gateway.raw('GET /vision/x HTTP/1.1\r\nHost: a\r\nX-A: 1');
    expect(statusOf(answer)).toBe('408');
  });
});

describe('paths that say two things', () => {
  test.each([
    ...['http://other/vision/x', '//other/vision/x', '*', 'other:443', '/vision//x', '//vision/x'],
    ...['/vision/../admin', '/vision/..', '/vision/./x', '/./vision/x', '/vision/..;/x'],
    ...['/vision/%2e%2e/admin', '/vision/%2E./x', '/vision/a%2fb', '/vision/a%5cb', '/vision\\x'],
    ...[
      '/vision/%252e%252e/x',
      '/vision/a%00b',
      '/vision/a%0d%0aX-A:1',
      '/vision/%zz',
      '/vision/x#y',
    ],
    ...['/vision/x?api-key=secret', '/vision/x?a=b&subscription-key=secret'],
  ])('%s', async (path) => {
    expect(statusOf(await gateway.raw(get(path)))).toBe('400');
    expect(world.got).toEqual([]);
  });

  test.each([
    ['/vis%69on/x', '404'],
    ['/visionary/x', '404'],
    ['/other', '404'],
    ['/vision/x%20y', '200'],
  ])('%s is another path, or one: %s', async (path, status) => {
    expect(statusOf(await gateway.raw(get(path)))).toBe(status);
  });
});

describe('headers that belong to somebody else', () => {
  test('do not pass', async () => {
    const theirs = [
      ...['X-Forwarded-For: 1', 'X-Forwarded-Host: evil', 'Forwarded: for=1', 'X-Original-URL: /a'],
      ...['X-HTTP-Method-Override: DELETE', 'Cookie: a=b', 'Proxy-Authorization: Basic x', 'TE: a'],
      ...['Upgrade: h2c', 'X-MS-Client-Principal: admin', 'api_key: x', 'Content_Length: 7'],
      ...['transfer_encoding: chunked', 'X-Mine: 1', 'X-Ms-Client-Request-Id: 7'],
    ];
    const named = 'Connection: close, api-key, x-mine, content-length, host';
    const answer = await gateway.raw(
      head('POST /vision/x HTTP/1.1', ...theirs, 'Content-Length: 2', named),
      '{}',
    );
    expect(statusOf(answer)).toBe('200');
    const { headers } = world.got[0]!;
    const own = ['api-key', 'ocp-apim-subscription-key', 'content-length', 'host', 'connection'];
    expect(Object.keys(headers).sort()).toEqual([...own, 'x-ms-client-request-id'].sort());
    expect(headers).toMatchObject({ 'api-key': backendKey, 'content-length': '2' });
  });

  test.each(['TRACE', 'OPTIONS', 'PROPFIND'])(
    'the method %s is none of an account',
    async (method) => {
      expect(
        statusOf(await gateway.raw(head(`${method} /vision/x HTTP/1.1`, 'Connection: close'))),
      ).toBe('405');
      expect(world.got).toEqual([]);
    },
  );

  test('CONNECT gets no connection', async () => {
    expect(await gateway.raw(head('CONNECT other:443 HTTP/1.1'))).toBe('');
  });
});

test('a request that comes before the last one was answered ends the connection', async () => {
  const waits = Promise.withResolvers<undefined>();
  world.responds((_request, answer) => void waits.promise.then(() => answer.end('{}')));
  const answers = await gateway.raw(
    head('GET /vision/1 HTTP/1.1') + head('GET /vision/2 HTTP/1.1'),
  );
  expect(answers).toBe('');
  waits.resolve(undefined);
  expect(world.got.length).toBeLessThanOrEqual(1);
});

test('whatever is put into a request, the backend gets what it is meant to get, or nothing', async () => {
  world.responds((request, answer) => {
    request.resume().once('end', () => answer.end('{}'));
    request.on('error', () => undefined);
  });
  const quick = await world.gateway({ door: { headersMs: 100, requestMs: 100, keepAliveMs: 1 } });
  const plain = post('X-A: 1', 'Content-Length: 2', 'Connection: close') + '{}';
  const pieces = [
    '\r\n',
    '\n',
    '\r',
    '\0',
    ' ',
    '\t',
    ':',
    ',',
    '/',
    '..',
    '%2e',
    '?',
    '#',
    '\x85',
  ];
  const lines = ['Transfer-Encoding: chunked\r\n', 'Content-Length: 7\r\n', 'Host: other\r\n'];
  const put = fc.tuple(fc.nat(plain.length), fc.constantFrom(...pieces, ...lines, smuggled));
  const puts = fc.array(put, { minLength: 1, maxLength: 3 });
  const seed = Date.now();
  // All at once: what is cut off waits for its limit.
  await Promise.all(
    fc.sample(puts, { seed, numRuns: 300 }).map((some) => {
      const put = (text: string, [at, what]: [number, string]) =>
        text.slice(0, at) + what + text.slice(at);
      return quick.raw(some.reduce(put, plain));
    }),
  );
  const isMeant = ({ url, headers }: Got) =>
    /^\/base\/(?!.*(?:\.\.|\/\/|%2e)[^?]*$)/i.test(url) &&
    headers['api-key'] === backendKey &&
    headers.host === new URL(world.backendUrl).host;
  expect({ seed, got: world.got.filter((one) => !isMeant(one)) }).toEqual({ seed, got: [] });
});
