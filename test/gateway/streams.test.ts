import { once } from 'node:events';
import { request as httpRequest } from 'node:http';
import type { ClientRequest, IncomingMessage, ServerResponse } from 'node:http';
import { afterEach, describe, expect, test } from '@jest/globals';
import { limitMetrics } from '@headroom/core';
import { bodyLimits } from '../../services/gateway/src/door/calls.ts';
import { key, World } from './world.ts';
import type { RunningGateway } from './world.ts';

let world: World;
afterEach(() => world.close());

const chat = '/vision/openai/deployments/gpt/chat/completions';
const policy = {
  gateway: {
    whenAway: 'closed' as const,
    callerShareMax: 1,
    tokenLimits: [{ deployment: 'gpt', tokensPerMinute: 100_000 }],
  },
};
const event = (text: string) => `data: ${text}\n\n`;

/** A model that says what `say` hands it, and nothing else. */
async function streaming() {
  const began = Promise.withResolvers<ServerResponse>();
  world = await World.start((request, answer) => {
    request.resume();
    answer.writeHead(200, { 'content-type': 'text/event-stream' }).flushHeaders();
    began.resolve(answer);
  });
  await world.apply({}, policy);
  const gateway = await world.gateway();
  const ask = (signal?: AbortSignal) =>
    gateway.call(chat, {
      ...{ method: 'POST', body: '{"max_tokens":1000,"stream":true}' },
      headers: { 'content-type': 'application/json' },
      ...(signal === undefined ? {} : { signal }),
    });
  return { gateway, ask, answer: began.promise };
}

function sentTokens(): number {
  return world.samples
    .filter(({ series }) => series.metric === limitMetrics.tokens.toLowerCase())
    .reduce((sum, { total }) => sum + total, 0);
}

describe('server-sent events', () => {
  test('pass one by one, as they come', async () => {
    const { gateway, ask, answer } = await streaming();
    const reader = (await ask()).body!.getReader();
    const read = async () => Buffer.from((await reader.read()).value ?? []).toString();
    const backend = await answer;
    // Each is sent when the one before has arrived: a proxy that gathers would wait for ever.
    for (const text of ['one', 'two', 'three']) {
      backend.write(event(text));
      expect(await read()).toBe(event(text));
    }
    backend.end(event('{"usage":{"prompt_tokens":20,"completion_tokens":3}}'));
    expect(await read()).toContain('usage');
    await reader.read();
    await gateway.stop();
    expect(sentTokens()).toBe(23);
  });

  test('of a client that leaves end at the backend, and cost what came of them', async () => {
    const { gateway, ask, answer } = await streaming();
    const leaving = new AbortController();
    const reader = (await ask(leaving.signal)).body!.getReader();
    const backend = await answer;
    for (const text of ['one', 'two']) {
      backend.write(event(text));
      await reader.read();
    }
    const closed = once(backend, 'close');
    leaving.abort();
    await closed;
    await gateway.stop();
    // Two events, and the prompt as it was reserved.
    expect(sentTokens()).toBe(2 + Math.ceil('{"max_tokens":1000,"stream":true}'.length / 2));
  });
});

/** A request whose body the test writes. */
function upload(
  { url }: RunningGateway,
  headers: Record<string, string | number>,
  path = '/vision/x',
): ClientRequest {
  const call = httpRequest(url + path, { method: 'POST', headers: { 'api-key': key, ...headers } });
  call.on('error', () => undefined);
  return call;
}

async function answerOf(call: ClientRequest): Promise<{ status: number; text: string }> {
  const [answer] = (await once(call, 'response')) as [IncomingMessage];
  const chunks: Buffer[] = [];
  for await (const chunk of answer) chunks.push(chunk as Buffer);
  return { status: answer.statusCode ?? 0, text: Buffer.concat(chunks).toString() };
}

/** A backend that answers with the length of what it got. */
async function measuring(limits: Partial<typeof bodyLimits> = {}): Promise<RunningGateway> {
  world = await World.start((request, answer) => {
    let bytes = 0;
    request.on('data', (chunk: Buffer) => (bytes += chunk.length));
    request.on('end', () => answer.end(String(bytes))).on('error', () => undefined);
  });
  await world.apply({}, policy);
  return world.gateway({ body: { ...bodyLimits, ...limits } });
}

describe('a body', () => {
  test('streams: the backend has its beginning before its end is written', async () => {
    const gateway = await measuring();
    const call = upload(gateway, { 'content-length': 2_000_000 });
    call.write(Buffer.alloc(1_000_000));
    while (world.got.length === 0) await new Promise(setImmediate);
    call.end(Buffer.alloc(1_000_000));
    expect(await answerOf(call)).toEqual({ status: 200, text: '2000000' });
  });

  test('that says it is too long is refused unread', async () => {
    const gateway = await measuring({ bodyBytes: 100_000 });
    const call = upload(gateway, { 'content-length': 100_001 });
    call.flushHeaders();
    expect((await answerOf(call)).status).toBe(413);
    expect(world.got).toEqual([]);
  });

  test('that grows too long is refused on the way, and its end never reaches the backend', async () => {
    const gateway = await measuring({ bodyBytes: 100_000 });
    const call = upload(gateway, { 'transfer-encoding': 'chunked' });
    for (let part = 0; part < 3; part++) call.write(Buffer.alloc(50_000));
    expect((await answerOf(call)).status).toBe(413);
  });

  test.each([
    ['short', 10],
    ['long', 1_000_000],
  ])('that is %s and stops coming is refused', async (_what, length) => {
    const gateway = await measuring({ idleMs: 50 });
    const call = upload(gateway, { 'content-length': length });
    call.write('x');
    expect((await answerOf(call)).status).toBe(408);
  });

  test('drop by drop it is cut off in the end', async () => {
    world = await World.start();
    await world.apply();
    const gateway = await world.gateway({ door: { requestMs: 300, headersMs: 200 } });
    const call = upload(gateway, { 'content-length': 1_000 });
    const dripping = setInterval(() => call.write('x'), 20);
    expect((await answerOf(call)).status).toBe(408);
    clearInterval(dripping);
    expect(world.got).toEqual([]);
  });

  test('a long one too, and the backend’s call ends with it', async () => {
    world = await World.start();
    const ended = Promise.withResolvers<undefined>();
    world.responds((request) => {
      request.resume().once('close', () => ended.resolve(undefined));
    });
    await world.apply();
    const gateway = await world.gateway({ door: { requestMs: 300, headersMs: 200 } });
    const call = upload(gateway, { 'content-length': 1_000_000 });
    const dripping = setInterval(() => call.write('x'), 20);
    expect((await answerOf(call)).status).toBe(408);
    clearInterval(dripping);
    await ended.promise;
  });

  test('that waits for a word is asked for, unless the call is over the limit', async () => {
    const gateway = await measuring();
    const expecting = { expect: '100-continue', 'content-length': 200_000 };
    const call = upload(gateway, expecting);
    call.flushHeaders();
    await once(call, 'continue');
    call.end(Buffer.alloc(200_000));
    expect(await answerOf(call)).toEqual({ status: 200, text: '200000' });
    const rule = { key: 'none', count: 0, renewalPeriodMs: 1_000, dynamicThrottlingEnabled: false };
    await world.apply({ rules: [{ ...rule, matchPatterns: [{ method: '*', path: '*' }] }] });
    for (;;) {
      const asked = upload(gateway, expecting);
      let isAskedFor = false;
      asked.once('continue', () => {
        isAskedFor = true;
        asked.end(Buffer.alloc(200_000));
      });
      asked.flushHeaders();
      const { status } = await answerOf(asked);
      if (status === 200) continue;
      expect([status, isAskedFor]).toEqual([429, false]);
      break;
    }
  });

  test('of a model must say how long it is, and of which model', async () => {
    const gateway = await measuring();
    const json = { 'content-type': 'application/json' };
    const chunked = upload(gateway, { ...json, 'transfer-encoding': 'chunked' }, chat);
    chunked.write(`{"a":"${'x'.repeat(100_000)}`);
    expect((await answerOf(chunked)).status).toBe(411);
    const long = { ...json, 'content-length': 200_000 };
    const nameless = upload(gateway, long, '/vision/openai/v1/responses');
    nameless.write(`{"a":"${'x'.repeat(100_000)}`);
    expect((await answerOf(nameless)).status).toBe(400);
    expect(world.got).toEqual([]);
  });
});

test('connections beyond the limit are closed', async () => {
  world = await World.start();
  await world.apply();
  const gateway = await world.gateway({ door: { connections: 2 } });
  const held = [upload(gateway, { 'content-length': 9 }), upload(gateway, { 'content-length': 9 })];
  for (const call of held) call.write('x');
  await Promise.all(held.map((call) => once(call, 'socket')));
  expect(await gateway.raw('GET /vision/x HTTP/1.1\r\n')).toBe('');
  for (const call of held) call.destroy();
});
