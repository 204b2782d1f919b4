import { setTimeout as wait } from 'node:timers/promises';
import { afterEach, describe, expect, test } from '@jest/globals';
import {
  defaultRateLimitPolicy,
  defaultRule,
  hourMs,
  limitMetrics,
  secondMs,
} from '@headroom/core';
import type { GatewayPolicy } from '@headroom/core';
import { World } from './world.ts';
import type { RunningGateway } from './world.ts';

/** What becomes of calls to a running gateway when the store of shares is away for long, and when its clock is set. */
let world: World;
afterEach(() => world.close());

/** Two calls in ten seconds. */
const few = { ...defaultRule, count: 2, renewalPeriodMs: 10 * secondMs };

let isAway = false;
let clockOffMs = 0;

async function running(whenAway: GatewayPolicy['whenAway']): Promise<RunningGateway> {
  [isAway, clockOffMs] = [false, 0];
  world = await World.start();
  await world.apply({ rules: [few] }, { gateway: { ...defaultRateLimitPolicy.gateway, whenAway } });
  const { shares } = world;
  const away = () => Promise.reject(new Error('away'));
  return await world.gateway({
    clockOffMs: () => clockOffMs,
    shares: {
      read: (pool) => (isAway ? away() : shares.read(pool)),
      replace: (...args) => (isAway ? away() : shares.replace(...args)),
    },
  });
}

const statusOf = async (gateway: RunningGateway) => (await gateway.call('/vision/x')).status;

async function statuses(gateway: RunningGateway, calls: number): Promise<readonly number[]> {
  const found: number[] = [];
  for (let call = 0; call < calls; call++) found.push(await statusOf(gateway));
  return found;
}

describe('the store of shares is away for longer than a lease', () => {
  test('a closed limit answers 503, raises nothing, and is served again once it is back', async () => {
    const gateway = await running('closed');
    isAway = true;
    expect(await statusOf(gateway)).toBe(200);
    clockOffMs = 11 * secondMs;
    const refused = await gateway.call('/vision/x');
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([503, '1']);
    const blocked = () =>
      world.samples.filter(
        ({ series }) => series.metric === limitMetrics.blockedCalls.toLowerCase(),
      );
    while (blocked().length === 0) await wait(20);
    expect(blocked()[0]!.series.dimensions).toContainEqual(['BlockedBy', 'Away']);
    isAway = false;
    let status = await statusOf(gateway);
    for (; status === 503; status = await statusOf(gateway)) await wait(20);
    expect(status).toBe(200);
  });

  test('an open one goes on with its share', async () => {
    const gateway = await running('open');
    isAway = true;
    clockOffMs = 11 * secondMs;
    expect(await statuses(gateway, 3)).toEqual([200, 200, 429]);
  });
});

test('a clock set back an hour forgives nothing, and time goes on from there', async () => {
  const gateway = await running('closed');
  expect(await statuses(gateway, 3)).toEqual([200, 200, 429]);
  clockOffMs = -hourMs;
  expect(await statusOf(gateway)).toBe(429);
  clockOffMs = -hourMs + 10 * secondMs;
  // The lease is over with it, until the share is renewed.
  let status = await statusOf(gateway);
  for (; status === 503; status = await statusOf(gateway)) await wait(20);
  expect([status, ...(await statuses(gateway, 2))]).toEqual([200, 200, 429]);
});
