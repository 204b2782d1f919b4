import { expect, test } from '@jest/globals';
import type { CallBody } from '@headroom/http-proxy';
import { modelCall, modelRoute } from './model-call.ts';

const whole = (text: string): CallBody => ({ kind: 'whole', bytes: Buffer.from(text) });
const rest = (async function* () {})();
const streamed = (text: string, announced?: number): CallBody => ({
  ...{ kind: 'streamed', prefix: Buffer.from(text), rest },
  ...(announced === undefined ? {} : { announced }),
});
const json = { 'content-type': 'application/json' };

test.each([
  ['/openai/deployments/gpt-4o/chat/completions', { kind: 'path', deployment: 'gpt-4o' }],
  ['/OpenAI/Deployments/gpt-4o/embeddings', { kind: 'path', deployment: 'gpt-4o' }],
  ['/openai/v1/responses', { kind: 'body' }],
  ['/openai/responses', { kind: 'body' }],
  ['/models/chat/completions', { kind: 'body' }],
  ['/models/other', undefined],
  ['/openai/deployments', undefined],
  ['/vision/openai/v1/x', undefined],
])('%s leads to %j', (path, route) => {
  expect(modelRoute(path)).toEqual(route);
});

const chat = '/openai/deployments/d/chat/completions';
const inPath = { kind: 'path', deployment: 'd' } as const;

test.each<[string, string, CallBody, object]>([
  ['what it says', chat, whole('{"max_tokens":10,"n":2}'), { input: 12, output: 20 }],
  ['the default where it says nothing', chat, whole('{}'), { input: 1, output: 4_096 }],
  ['the length that it announces', chat, streamed('{"n":1', 200_000), { input: 100_000 }],
  ['no answer of embeddings', '/openai/deployments/d/embeddings', whole('{}'), { output: 0 }],
])('tokens are %s', (_what, path, body, tokens) => {
  const found = modelCall(inPath, path, json, body);
  expect(found).toMatchObject({ ok: true, value: { deployment: 'd', tokens } });
});

test('the deployment is in the path, or the model in the body; sound and pictures have no tokens', () => {
  const asked = whole('{"model":"gpt","max_tokens":1}');
  const path = '/openai/v1/chat/completions';
  expect(modelCall({ kind: 'body' }, path, {}, asked)).toMatchObject({
    value: { deployment: 'gpt' },
  });
  const sound = { 'content-type': 'multipart/form-data; boundary=x' };
  expect(modelCall(inPath, chat, sound, asked)).toEqual({ ok: true, value: { deployment: 'd' } });
  expect(modelCall(inPath, chat, json, { kind: 'none' })).toEqual({
    ok: true,
    value: { deployment: 'd' },
  });
});

test('a body that is said to be something else has its tokens all the same', () => {
  const found = modelCall(inPath, chat, { 'content-type': 'text/plain' }, whole('{}'));
  expect(found).toMatchObject({ value: { tokens: { output: 4_096 } } });
});

test('a long body that hides how much it is, or of what, is refused', () => {
  const hidden = modelCall({ kind: 'body' }, '/openai/v1/responses', json, streamed('{"a":1', 9e5));
  expect(hidden).toMatchObject({ ok: false, error: { status: 400 } });
  expect(modelCall(inPath, chat, json, streamed('{"a":1'))).toMatchObject({
    ok: false,
    error: { status: 411 },
  });
});
