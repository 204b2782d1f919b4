import { createServer } from 'node:http';
import type { RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test } from '@jest/globals';
import { instant, targetId } from '@headroom/core';
import type { DemoCaller, Traffic } from '@headroom/demo';
import { VirtualClock } from '@headroom/memory';
import { AiCalls } from './ai-calls.ts';
import type { AiCallsParts } from './ai-calls.ts';

const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

async function listen(listener: RequestListener): Promise<string> {
  const server = createServer(listener).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  closing.push(() => {
    server.closeAllConnections();
    return new Promise((resolve) => server.close(resolve));
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** Clients at work before this server, a second of their clock at a time. */
async function clients(
  listener: (clock: VirtualClock) => RequestListener,
  parts: Partial<AiCallsParts> = {},
) {
  const clock = new VirtualClock(instant(0));
  const address = await listen(listener(clock));
  const shown = new Map<string, { served: number; blocked: number; failed: number }>();
  const keys = new Map<DemoCaller, string>([['app', 'key-of-app']]);
  const capacity = { visionCallsPerS: 0, tokensPerMinute: new Map<string, number>() };
  const calls = new AiCalls({
    services: { address, keys, capacity },
    traffic: () => 0,
    deployments: new Map(),
    arm: { read: () => Promise.reject(new Error('away')) },
    ...{ clock, ...parts },
    show: (event) => {
      if (event.kind !== 'calls') return;
      const { served, blocked, failed } = shown.get(event.account) ?? nothing;
      shown.set(event.account, {
        served: served + event.served,
        blocked: blocked + event.blocked,
        failed: failed + event.failed,
      });
    },
  });
  const ending = new AbortController();
  const running = calls.run(ending.signal);
  closing.push(() => {
    ending.abort();
    return running;
  });
  return { clock, address, capacity, of: (account: string) => shown.get(account) ?? nothing };
}

const nothing = { served: 0, blocked: 0, failed: 0 };
/** Ten calls a second for one second; the translator has two a second whatever there is. */
const aSecondOfTen: Traffic = (elapsedMs) => (elapsedMs < 1000 ? 10 : 0);

test('what became of calls is counted by account: served, answered 429, failed', async () => {
  const keys = new Set<unknown>();
  const answer: RequestListener = ({ url = '', headers }, response) => {
    if (url.startsWith('/vision/')) keys.add(headers['api-key']);
    if (url.startsWith('/openai/')) response.destroy();
    else response.writeHead(url.startsWith('/translator/') ? 429 : 200).end('{}');
  };
  const { clock, of } = await clients(() => answer, { traffic: aSecondOfTen });
  let seconds = 0;
  while (of('vision').served < 15 || of('openai').failed < 2 || of('translator').blocked < 2) {
    await clock.advance(1000);
    seconds++;
  }
  expect(of('vision')).toEqual({ ...nothing, served: 15 });
  expect(of('openai')).toEqual({ ...nothing, failed: of('openai').failed });
  const { blocked } = of('translator');
  expect(of('translator')).toEqual({ ...nothing, blocked });
  expect(blocked).toBeLessThanOrEqual(2 * (seconds + 1));
  expect(keys).toEqual(new Set(['key-of-app']));
});

test('the calls of a second are spread over it', async () => {
  const cameAt: number[] = [];
  const noting =
    (clock: VirtualClock): RequestListener =>
    ({ url }, response) => {
      if (url?.startsWith('/vision/') === true) cameAt.push(clock.now());
      response.end('{}');
    };
  const { clock, address } = await clients(noting, { traffic: () => 100 });
  for (let part = 0; part < 20; part++) {
    // What was sent before has come when this one was answered, or nearly so.
    await (await fetch(`${address}/now`)).arrayBuffer();
    await clock.advance(50);
  }
  expect(cameAt.length).toBeGreaterThan(100);
  expect(new Set(cameAt).size).toBeGreaterThan(12);
});

test('the backend has what ARM says of its deployments, and goes on while ARM is away', async () => {
  const [chat, batch] = [targetId('/deployments/chat'), targetId('/deployments/batch')];
  let reads = 0;
  const { clock, capacity } = await clients(() => (_, response) => void response.end('{}'), {
    deployments: new Map([
      ['chat', chat],
      ['batch', batch],
    ]),
    arm: {
      read: (target) => {
        if (++reads > 2) return Promise.reject(new Error('away'));
        const instances = target === chat ? 30 : 10;
        return Promise.resolve({ kind: 'capacity', instances, busy: false });
      },
    },
  });
  await clock.advance(2000);
  expect(reads).toBeGreaterThan(2);
  expect(capacity.tokensPerMinute).toEqual(
    new Map([
      ['chat', 30_000],
      ['batch', 10_000],
    ]),
  );
  expect(capacity.visionCallsPerS).toBeGreaterThan(0);
});
