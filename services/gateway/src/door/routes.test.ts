import { expect, test } from '@jest/globals';
import { targetId } from '@headroom/core';
import { requestTarget } from '@headroom/http-proxy';
import type { Backend } from '@headroom/http-proxy';
import { routing } from './routes.ts';

const backend: Backend = { forward: () => Promise.reject(new Error()), close: async () => {} };
const routeOf = routing(
  ['/vision', '/vision/deep', ''].map((path) => ({ path, account: targetId(path), backend })),
);

test.each([
  ['/vision/v3.2/read?a=b', '/vision', '/v3.2/read?a=b', '/v3.2/read'],
  ['/vision/', '/vision', '/', '/'],
  ['/vision/deep/x%20y', '/vision/deep', '/x%20y', '/x y'],
  // Written otherwise it is another path.
  ['/%76ision/x', '', '/%76ision/x', '/vision/x'],
  ['/visions/x', '', '/visions/x', '/visions/x'],
  ['/vision', '', '/vision', '/vision'],
])('%s goes to "%s"', (url, route, sent, path) => {
  const target = requestTarget(url);
  expect(target.ok && routeOf(target.value)).toMatchObject({ route: { path: route }, sent, path });
});

test('a path of no account leads nowhere', () => {
  const target = requestTarget('/other');
  expect(target.ok && routing([])(target.value)).toBeUndefined();
});
