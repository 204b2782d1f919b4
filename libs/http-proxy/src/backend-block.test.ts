import { expect, test } from '@jest/globals';
import { backendBlock } from './backend-block.ts';
import type { Answered } from './exchange.ts';

const now = Date.UTC(2026, 0, 5);
const rate =
  'have exceeded token rate limit. To increase it visit https://aka.ms/oai/quotaincrease';

test.each<[string, Partial<Answered>, string | undefined]>([
  ['POST', { status: 429 }, 'Backend'],
  ['POST', { status: 429, retryAfter: '6', errorText: rate }, 'Backend'],
  ['POST', { status: 503 }, 'Backend'],
  ['GET', { status: 429, retryAfter: '2' }, 'Polling'],
  ['POST', { status: 429, retryAfter: '86400' }, 'Quota'],
  ['GET', { status: 429, retryAfter: '86400' }, 'Quota'],
  ['POST', { status: 429, retryAfter: new Date(now + 7_200_000).toUTCString() }, 'Quota'],
  ['POST', { status: 429, errorText: '{"error":{"code":"insufficient_quota"}}' }, 'Quota'],
  ['POST', { status: 429, retryAfter: 'soon' }, 'Backend'],
  ['POST', { status: 500 }, undefined],
  ['POST', { status: 200 }, undefined],
])('%s %j: %s', (method, answered, expected) => {
  const answer = { status: 0, bytes: 0, events: 0, ...answered };
  expect(backendBlock(method, answer, now)).toBe(expected);
});

test('no answer is no refusal', () => {
  expect(backendBlock('POST', undefined, now)).toBeUndefined();
});
