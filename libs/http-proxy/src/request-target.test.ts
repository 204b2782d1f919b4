import { expect, test } from '@jest/globals';
import { requestTarget, targetCharactersMax } from './request-target.ts';

test.each([
  ['/', '/', ''],
  [
    '/vision/v3.2/read/analyze?language=en&pages=1-2',
    '/vision/v3.2/read/analyze',
    '?language=en&pages=1-2',
  ],
  ['/documentModels/prebuilt:analyze', '/documentModels/prebuilt:analyze', ''],
  ['/openai/deployments/gpt%204o/chat', '/openai/deployments/gpt 4o/chat', ''],
  ['/%76ision/', '/vision/', ''],
  ['/a..b/.well-known/..c', '/a..b/.well-known/..c', ''],
])('%s is taken', (url, decoded, query) => {
  const target = requestTarget(url);
  expect(target).toMatchObject({ ok: true, value: { decoded, query } });
});

test.each([
  ...['http://other/', '//other/vision', 'other:443', '*', ''],
  ...['/a/../b', '/a/..', '/./a', '/a/%2e%2e/b', '/a/%2E./b', '/a/.%2e/b', '/a/..;/b', '/a/.;x/b'],
  ...['/a%2fb', '/a%5cb', '/a\\..\\b', '/a//b', '/%252e%252e/a', '/a%00', '/a%0d%0ab', '/a%3bb'],
  ...['/a b', '/a\tb', '/a\r\nb', '/ü', '/a#b', '/a?b#c', '/a?b c', '/%zz', '/%', '/%ff'],
  ...['/a?subscription-key=x', '/a?x=1&API-KEY=x', `/${'a'.repeat(targetCharactersMax)}`],
])('%j is refused', (url) => {
  expect(requestTarget(url)).toMatchObject({ ok: false });
});
