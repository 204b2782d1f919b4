import { expect, test } from '@jest/globals';
import type { Quota } from '@headroom/limiter';
import { blockedRefusal, rateHeaders } from './rate-headers.ts';

const requests: Quota = { limit: 20, remaining: 7, periodMs: 1_000, resetMs: 650 };
const tokens: Quota = { limit: 9_000, remaining: 0, periodMs: 60_000, resetMs: 41_200 };

test('limits under the names of models', () => {
  expect(rateHeaders({ requests })).toEqual({
    'x-ratelimit-limit-requests': '20',
    'x-ratelimit-remaining-requests': '7',
    'x-ratelimit-reset-requests': '1',
  });
  expect(rateHeaders({ requests, tokens })).toMatchObject({
    'x-ratelimit-limit-tokens': '9000',
    'x-ratelimit-remaining-tokens': '0',
    'x-ratelimit-reset-tokens': '42',
  });
});

test.each([
  ['Rate', 429],
  ['Spend', 429],
  ['Away', 503],
] as const)('%s is answered %d, with when to come again', (by, expected) => {
  const blocked = { kind: 'blocked', by, key: 'k', retryAfterMs: 1_000 } as const;
  const { status, headers } = blockedRefusal({ ...blocked, standing: { requests } });
  expect(status).toBe(expected);
  expect(headers).toHaveProperty('retry-after', '1');
});

test('what will never pass is a bad request, and nobody is told to repeat it', () => {
  const blocked = { kind: 'blocked', by: 'TooLarge', key: 'k' } as const;
  const { status, message, headers } = blockedRefusal({
    ...blocked,
    standing: { requests, tokens },
  });
  expect(status).toBe(400);
  expect(message).not.toContain('retry');
  expect(headers).not.toHaveProperty('retry-after');
  expect(headers).toHaveProperty('x-ratelimit-limit-tokens', '9000');
});

test.each([
  [0.2, '1', '1', '1 second.'],
  [1_000, '1', '1000', '1 second.'],
  [1_000.5, '2', '1001', '2 seconds.'],
  [86_400_000, '86400', '86400000', '86400 seconds.'],
])('a wait of %d ms', (retryAfterMs, seconds, ms, text) => {
  const blocked = { kind: 'blocked', by: 'Rate', key: 'k', retryAfterMs } as const;
  const { status, message, headers } = blockedRefusal({ ...blocked, standing: { requests } });
  expect(status).toBe(429);
  expect(message).toContain(`Please retry after ${text}`);
  expect(headers).toMatchObject({ 'retry-after': seconds, 'retry-after-ms': ms });
  expect(headers).toHaveProperty('x-ratelimit-remaining-requests', '7');
});
