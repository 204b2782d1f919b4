import { hash } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { decodeJwt } from 'jose';
import { defaultRateLimitPolicy, limitDimensions, limitMetrics } from '@headroom/core';
import { eventHubs } from '@headroom/topology';
import { parseAccount } from '@headroom/wire';
import { Service, until } from '../processes/child.ts';
import { Stack } from '../processes/stack.ts';
import { key, vision } from './world.ts';

/**
 * Two gateways as processes over the embedded Azure: what they share, they share through its Cosmos DB, and what they count
 * goes to its Event Hubs. Both come in by their identity, to the backend as well. One is killed.
 */
const startLimitMs = 60_000;
const perSecond = 20;
const document = {
  ...{ id: vision, kind: 'ComputerVision', sku: { name: 'S1' } },
  properties: { callRateLimit: { count: perSecond, renewalPeriod: 1 } },
};

let stack: Stack;
let gateways: { readonly service: Service; readonly url: string }[] = [];
/** When calls arrived at the backend. */
const arrivals: number[] = [];
const entered = new Set<unknown>();
const backend = createServer((request, answer) => {
  arrivals.push(performance.now());
  entered.add(decodeJwt(request.headers.authorization?.slice('Bearer '.length) ?? '').aud);
  answer.end('{}');
});

beforeAll(async () => {
  expect(parseAccount(document).ok).toBe(true);
  backend.listen(0, '127.0.0.1');
  await once(backend, 'listening');
  stack = await Stack.start('--disable-local-auth');
  const write = { target: vision, id: vision, expected: 0, document, overrides: [] };
  await stack.stores.settings.write({ ...write, policy: defaultRateLimitPolicy });
  const account = {
    ...{ path: '/vision', account: vision, credential: 'managedIdentity' },
    backend: `http://127.0.0.1:${(backend.address() as AddressInfo).port}`,
  };
  const env = {
    ...stack.env,
    GATEWAY_ACCOUNTS: JSON.stringify([account]),
    GATEWAY_CLIENTS: JSON.stringify([{ name: 'app', keySha256: hash('sha256', key) }]),
  };
  gateways = await Promise.all(
    [1, 2].map(async () => {
      const service = await Service.start('gateway', env);
      const [, url = ''] = await service.line(/"event":"gateway[.]listening","url":"([^"]+)"/);
      await until(
        () => service.health(),
        ({ status }) => status === 'ready',
        startLimitMs,
      );
      return { service, url };
    }),
  );
}, startLimitMs);

afterAll(async () => {
  await Promise.all(gateways.map(({ service }) => service.stop()));
  await stack[Symbol.asyncDispose]();
  backend.closeAllConnections();
  backend.close();
}, startLimitMs);

/** How many calls each let through. */
const passed = [0, 0];

/** Calls to both, more than the limit allows, until `done`. */
async function load(done: () => boolean): Promise<void> {
  const statusOf = async (url: string) => {
    const answer = await fetch(`${url}/vision/x`, { headers: { 'api-key': key } });
    await answer.text();
    return answer.status;
  };
  const caller = async ({ url }: { readonly url: string }, index: number) => {
    while (!done()) {
      // One that was killed does not answer.
      const status = await statusOf(url).catch(() => 0);
      if (status === 200) passed[index]!++;
      await wait(5);
    }
  };
  await Promise.all(gateways.map(caller));
}

/** The most that arrived above the rate between any two moments: what a bucket of the limit would have to hold. */
function mostAbove(times: readonly number[]): number {
  let [held, most, last] = [0, 0, 0];
  for (const time of times) {
    held = Math.max(0, held - ((time - last) * perSecond) / 1_000) + 1;
    most = Math.max(most, held);
    last = time;
  }
  return most;
}

test(
  'what two let through is the limit, also when one is killed',
  async () => {
    // The first one has all of it until the second says what it would use.
    await load(() => Math.min(...passed) >= 1.5 * perSecond);
    gateways[0]!.service.kill();
    const before = passed[1]!;
    await load(() => passed[1]! >= before + perSecond);
    // Calls that were admitted a moment apart may arrive closer together.
    expect(mostAbove(arrivals)).toBeLessThanOrEqual(1.1 * perSecond);
    expect([...entered]).toEqual(['https://cognitiveservices.azure.com']);
  },
  startLimitMs,
);

test(
  'the hub has what both counted, each under its own name',
  async () => {
    const served = new Map<string, number>();
    const ended = new AbortController();
    const { metrics } = eventHubs;
    const feed = stack.hubs.metricFeed({
      ...{ hub: metrics.name, consumerGroup: metrics.consumerGroups[0] },
      ledger: stack.stores.partitions,
    });
    const reading = feed.run(
      {
        wanted: () => true,
        batch: ({ groups }) => {
          for (const { sample } of groups.flatMap(({ samples }) => samples)) {
            const { metric, dimensions } = sample.series;
            if (metric !== limitMetrics.successfulCalls.toLowerCase()) continue;
            const instance = new Map(dimensions).get(limitDimensions.instance) ?? '';
            served.set(instance, (served.get(instance) ?? 0) + sample.total);
          }
          return Promise.resolve();
        },
      },
      ended.signal,
    );
    const sum = () => [...served.values()].reduce((total, calls) => total + calls, 0);
    // The killed one takes what it has not told with it.
    const enough = arrivals.length - 2 * perSecond;
    await until(
      () => Promise.resolve(sum()),
      (calls) => calls >= enough,
      startLimitMs,
    );
    ended.abort();
    await reading;
    expect(served.size).toBe(2);
    expect(sum()).toBeLessThanOrEqual(arrivals.length);
  },
  startLimitMs,
);
