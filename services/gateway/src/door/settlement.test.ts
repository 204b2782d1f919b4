import { expect, test } from '@jest/globals';
import { BodyRefused } from '@headroom/http-proxy';
import type { Answered, Exchange } from '@headroom/http-proxy';
import { settlement } from './settlement.ts';
import type { ForwardedCall } from './settlement.ts';

const usage = { promptTokens: 7, completionTokens: 9 };
const model = { deployment: 'd', tokens: { input: 50, output: 100 } };

interface Case {
  readonly call?: Partial<ForwardedCall>;
  readonly end?: Exchange['end'];
  readonly answered?: Partial<Answered>;
  readonly cause?: Error;
}

function settled({ call, end = 'complete', answered, cause }: Case) {
  const exchange: Exchange = {
    ...{ end, durationMs: 12 },
    ...(cause === undefined ? {} : { cause }),
    ...(answered === undefined
      ? {}
      : { answered: { status: 200, bytes: 0, events: 0, ...answered } }),
  };
  return settlement({ method: 'POST', wasSent: true, ...call }, exchange, 0);
}

test.each<[string, Case, object]>([
  ['an answer', { answered: {} }, { kind: 'served', statusCode: 200, latencyMs: 12 }],
  ['a link', { answered: { status: 302 } }, { kind: 'served', statusCode: 302 }],
  ['a wrong call', { answered: { status: 404 } }, { kind: 'failed', statusCode: 404 }],
  ['a backend at its peak', { answered: { status: 429 } }, { blockedBy: 'Backend' }],
  ['an answer with usage', { answered: { usage } }, { usage: { inputTokens: 7, outputTokens: 9 } }],
  [
    'a stream that was left',
    { call: { model }, end: 'clientGone', answered: { events: 3 } },
    { kind: 'served', usage: { inputTokens: 50, outputTokens: 3 } },
  ],
  ['a client gone before the answer', { end: 'clientGone' }, { kind: 'served', statusCode: 499 }],
  [
    'a client gone before its call was there',
    { end: 'clientGone', call: { wasSent: false } },
    { kind: 'failed', statusCode: 499 },
  ],
  ['no connection', { end: 'unreachable' }, { kind: 'failed', statusCode: 502 }],
  ['no answer in time', { end: 'headersLate' }, { kind: 'failed', statusCode: 504 }],
  [
    'a body too long',
    { end: 'bodyRefused', cause: new BodyRefused(413, 'long') },
    { kind: 'failed', statusCode: 413 },
  ],
])('%s', (_what, given, expected) => {
  expect(settled(given)).toMatchObject(expected);
});

test('an answer of a model that says nothing of its usage used what was reserved', () => {
  expect(settled({ call: { model }, answered: {} })).not.toHaveProperty('usage');
});
