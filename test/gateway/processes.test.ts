import { hash } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { defaultRateLimitPolicy, limitDimensions, limitMetrics } from '@headroom/core';
import { eventHubs } from '@headroom/topology';
import { parseAccount } from '@headroom/wire';
import { Service, until } from '../processes/child.ts';
import { Stack } from '../processes/stack.ts';
import { backendKey, key, vision } from './world.ts';

/**
 * Two gateways as processes over the embedded Azure: what they share, they share through its Cosmos DB, and what they count
 * goes to its Event Hubs. One is killed.
 */
const startLimitMs = 60_000;
const perSecond = 20;
const periodMs = 1_000;
const document = {
  ...{ id: vision, kind: 'ComputerVision', sku: { name: 'S1' } },
  properties: { callRateLimit: { count: perSecond, renewalPeriod: periodMs / 1_000 } },
};

let stack: Stack;
let gateways: { readonly service: Service; readonly url: string }[] = [];
/** When calls arrived at the backend. */
const arrivals: number[] = [];
const backend = createServer((_request, answer) => {
  arrivals.push(performance.now());
  answer.end('{}');
});

beforeAll(async () => {
  expect(parseAccount(document).ok).toBe(true);
  backend.listen(0, '127.0.0.1');
  await once(backend, 'listening');
  stack = await Stack.start();
  const write = { target: vision, id: vision, expected: 0, document, overrides: [] };
  await stack.stores.settings.write({ ...write, policy: defaultRateLimitPolicy });
  const account = {
    ...{ path: '/vision', account: vision, credential: { key: backendKey } },
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

/** The most that arrived within any period. */
function most(times: readonly number[]): number {
  return Math.max(...times.map((begin) => within(times, begin, begin + periodMs)));
}

function within(times: readonly number[], begin: number, end: number): number {
  return times.filter((time) => time >= begin && time < end).length;
}

test(
  'what two let through is the limit, also when one is killed',
  async () => {
    // The first one has all of it until the second says what it would use.
    await load(() => Math.min(...passed) >= perSecond / 2);
    gateways[0]!.service.kill();
    const before = passed[1]!;
    await load(() => passed[1]! >= before + perSecond);
    // Calls that were admitted a moment apart may arrive closer together.
    expect(most(arrivals)).toBeLessThanOrEqual(perSecond * 1.1);
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
