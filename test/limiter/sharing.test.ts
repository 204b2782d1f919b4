import { describe, expect, test } from '@jest/globals';
import { after, hourMs, minuteMs, secondMs } from '@headroom/core';
import type { Instant } from '@headroom/core';
import { MemoryShares } from '@headroom/memory';
import type { ShareStore } from '@headroom/ports';
import { account, begin, Fleet, Gateway, Ledger, perSecond, policy, vision } from './fleet.ts';

const tps = 100;
const { gateway } = policy();
const closed = { gateway: { ...gateway, whenAway: 'closed' } } as const;
const open = { gateway: { ...gateway, whenAway: 'open' } } as const;

/** Twice what is allowed, at each of the gateways that are alive. */
function flooded(fleet: Fleet, passed: Ledger, only?: (gateway: Gateway) => boolean) {
  return (now: Instant) => {
    for (const gateway of fleet.alive) {
      if (only?.(gateway) === false) continue;
      for (let calls = 0; calls < 2; calls++) if (gateway.passes(now)) passed.add(now);
    }
  };
}

async function shared(instances: number, changes = {}): Promise<{ fleet: Fleet; passed: Ledger }> {
  const fleet = await new Fleet([perSecond(tps)], changes).start(instances);
  const passed = new Ledger();
  await fleet.run(15 * secondMs, flooded(fleet, passed));
  return { fleet, passed };
}

function rate(passed: Ledger, fleet: Fleet, ms: number): number {
  return (passed.within((fleet.now - ms) as Instant, (fleet.now + 1) as Instant) * secondMs) / ms;
}

test('the only instance has all of it at once', async () => {
  const fleet = await new Fleet([perSecond(tps)]).start();
  expect(Array.from({ length: tps }, () => fleet.gateways[0]!.passes(fleet.now))).not.toContain(
    false,
  );
  expect(fleet.gateways[0]!.passes(fleet.now)).toBe(false);
});

test('the limit follows those that are asked', async () => {
  const { fleet, passed } = await shared(3);
  const [first] = fleet.gateways;
  await fleet.run(
    15 * secondMs,
    flooded(fleet, passed, (gateway) => gateway === first),
  );
  expect(rate(passed, fleet, 5 * secondMs)).toBeGreaterThan(tps * 0.99);
  await fleet.run(15 * secondMs, flooded(fleet, passed));
  expect(rate(passed, fleet, 5 * secondMs)).toBeGreaterThan(tps * 0.99);
  expect(passed.most(secondMs)).toBeLessThanOrEqual(tps);
});

test('what one gives up another has only once the calls of its open window have left', async () => {
  const period = 10 * secondMs;
  const fleet = await new Fleet([perSecond(100, period)]).start(2);
  const [first, second] = fleet.gateways;
  const passed = new Ledger();
  await fleet.run(
    55 * secondMs,
    flooded(fleet, passed, (gateway) => gateway === first),
  );
  await fleet.run(
    minuteMs,
    flooded(fleet, passed, (gateway) => gateway === second),
  );
  expect(rate(passed, fleet, period)).toBeGreaterThan(9.9);
  expect(passed.most(period)).toBeLessThanOrEqual(100);
});

describe('an instance is killed', () => {
  test('its slice stays taken until it has expired, then the others have it', async () => {
    const { fleet, passed } = await shared(3);
    fleet.gateways[1]!.isAlive = false;
    await fleet.run(8 * secondMs, flooded(fleet, passed));
    expect(rate(passed, fleet, 5 * secondMs)).toBeLessThan(tps * 0.7);
    await fleet.run(15 * secondMs, flooded(fleet, passed));
    expect(rate(passed, fleet, 5 * secondMs)).toBeGreaterThan(tps * 0.99);
    expect(passed.most(secondMs)).toBeLessThanOrEqual(tps);
  });

  test('one that ends in order leaves its slice to the others', async () => {
    const { fleet, passed } = await shared(2);
    await fleet.gateways[0]!.release(fleet.now);
    await fleet.run(4 * secondMs, flooded(fleet, passed));
    expect(rate(passed, fleet, secondMs)).toBeGreaterThan(tps * 0.9);
    expect(passed.most(secondMs)).toBeLessThanOrEqual(tps);
  });

  test('after all have been away for long nobody waits', async () => {
    const { fleet, passed } = await shared(3);
    for (const gateway of fleet.gateways) gateway.isAlive = false;
    await fleet.run(2 * minuteMs, () => undefined, secondMs);
    await fleet.start();
    expect(fleet.alive[0]!.passes(fleet.now)).toBe(true);
    await fleet.run(2 * secondMs, flooded(fleet, passed));
    expect(rate(passed, fleet, secondMs)).toBeGreaterThan(tps * 0.99);
  });
});

describe('too little for all', () => {
  test('of one call a second each instance has its turn', async () => {
    const fleet = await new Fleet([perSecond(1)]).start(3);
    const passed = fleet.gateways.map(() => 0);
    const all = new Ledger();
    const flood = (now: Instant) => {
      fleet.gateways.forEach((gateway, index) => {
        if (!gateway.passes(now)) return;
        passed[index]!++;
        all.add(now);
      });
    };
    await fleet.run(10 * minuteMs, flood, 100);
    expect(all.most(minuteMs)).toBeLessThanOrEqual(61);
    expect(Math.min(...passed)).toBeGreaterThan(50);
    expect(passed.reduce((sum, count) => sum + count)).toBeGreaterThan(500);
  });

  test('of tokens that are enough for two calls a minute, calls at three instances have them all', async () => {
    const tokenLimits = [{ deployment: 'gpt', tokensPerMinute: 10_000 }];
    const fleet = await new Fleet([perSecond(100)], { gateway: { ...gateway, tokenLimits } }).start(
      3,
    );
    const used = new Ledger();
    const call = { deployment: 'gpt', tokens: { input: 96, output: 4000 } };
    const calls = (now: Instant) => {
      for (const one of fleet.gateways) if (one.passes(now, call)) used.add(now, 4096);
    };
    await fleet.run(20 * minuteMs, calls, secondMs);
    expect(used.most(minuteMs)).toBeLessThanOrEqual(10_000);
    expect(used.within(begin, fleet.now)).toBeGreaterThan(4096 * 28);
  });
});

describe('a call that asks for more than an equal share', () => {
  const call = { deployment: 'gpt', tokens: { input: 1000, output: 5000 } };
  const small = { deployment: 'gpt', tokens: { input: 10, output: 90 } };

  async function models(instances: number): Promise<Fleet> {
    const tokenLimits = [{ deployment: 'gpt', tokensPerMinute: 10_000 }];
    const fleet = new Fleet([perSecond(100)], { gateway: { ...gateway, tokenLimits } });
    return fleet.start(instances);
  }

  test('passes within a few seconds where nobody else asks', async () => {
    const fleet = await models(3);
    await fleet.run(5 * secondMs, () => undefined, 100);
    let passed = 0;
    const retry = (now: Instant) => {
      if (passed === 0 && fleet.gateways[0]!.passes(now, call)) passed++;
    };
    await fleet.run(6 * secondMs, retry, secondMs);
    expect(passed).toBe(1);
  });

  test('passes beside others that want everything, and leaves them the rest', async () => {
    const fleet = await models(3);
    const used = [new Ledger(), new Ledger(), new Ledger()];
    const all = new Ledger();
    const work = (now: Instant) => {
      fleet.gateways.forEach((one, index) => {
        const asked = index === 0 ? call : small;
        const tokens = index === 0 ? 6000 : 100;
        if (!one.passes(now, asked)) return;
        used[index]!.add(now, tokens);
        all.add(now, tokens);
      });
    };
    await fleet.run(3 * minuteMs, work, secondMs);
    const from = fleet.now;
    await fleet.run(10 * minuteMs, work, secondMs);
    const perMinute = used.map((ledger) => ledger.within(from, fleet.now) / 10);
    expect(perMinute[0]).toBeGreaterThanOrEqual(5400);
    for (const others of perMinute.slice(1)) expect(others).toBeGreaterThan(1900);
    expect(all.most(minuteMs)).toBeLessThanOrEqual(20_000);
    expect(all.within(from, fleet.now)).toBeLessThanOrEqual(10_000 * 10.2);
  });

  test('one that asks for more than there is for all will never pass, and is no demand', async () => {
    const fleet = await models(1);
    const beyond = { deployment: 'gpt', tokens: { input: 1001, output: 9000 } };
    const blocked = fleet.gateways[0]!.call(fleet.now, beyond);
    expect(blocked).toMatchObject({ kind: 'blocked', by: 'TooLarge', key: 'default' });
    expect(blocked).not.toHaveProperty('retryAfterMs');
    const [tally] = fleet.gateways[0]!.limiter.drain(fleet.now);
    expect(tally!.keys[0]!.blocked).toEqual({ TooLarge: 1 });
    expect(tally!.deployments[0]!.requests).toEqual(new Map([[400, 1]]));
  });
});

test('of a limit a day what is left is there again soon after the only instance was killed', async () => {
  const day = 24 * hourMs;
  const fleet = await new Fleet([perSecond(1000, day)]).start();
  const calls = (now: Instant) => fleet.alive.filter((gateway) => gateway.passes(now)).length;
  let passed = 0;
  await fleet.run(minuteMs, (now) => (passed += calls(now)), secondMs);
  fleet.gateways[0]!.isAlive = false;
  await fleet.start();
  await fleet.run(minuteMs, (now) => (passed += calls(now)), secondMs);
  expect(passed).toBeGreaterThan(115);
  await fleet.run(hourMs, (now) => (passed += calls(now) + calls(now)), secondMs);
  expect(passed).toBeGreaterThan(700);
  expect(passed).toBeLessThanOrEqual(1000);
});

describe('the store is away', () => {
  test('slices last for their lease; then closed limits let nothing through', async () => {
    const { fleet, passed } = await shared(3, closed);
    fleet.shares.isAway = true;
    await fleet.run(6 * secondMs, flooded(fleet, passed));
    expect(rate(passed, fleet, 5 * secondMs)).toBeGreaterThan(tps * 0.99);
    await fleet.run(10 * secondMs, flooded(fleet, passed));
    expect(rate(passed, fleet, 5 * secondMs)).toBe(0);
    expect(fleet.gateways[0]!.call(fleet.now)).toMatchObject({ kind: 'blocked', by: 'Away' });
    fleet.shares.isAway = false;
    await fleet.run(5 * secondMs, flooded(fleet, passed));
    expect(rate(passed, fleet, secondMs)).toBeGreaterThan(tps * 0.99);
    expect(passed.most(secondMs)).toBeLessThanOrEqual(tps);
  });

  test('open ones go on with the last share', async () => {
    const { fleet, passed } = await shared(3, open);
    fleet.shares.isAway = true;
    await fleet.run(minuteMs, flooded(fleet, passed));
    expect(rate(passed, fleet, 5 * secondMs)).toBeGreaterThan(tps * 0.99);
    fleet.shares.isAway = false;
    await fleet.run(5 * secondMs, flooded(fleet, passed));
    expect(passed.most(secondMs)).toBeLessThanOrEqual(tps);
  });

  test('an instance that never had a share blocks where the limit is closed', async () => {
    const fleet = new Fleet([perSecond(tps)], closed);
    fleet.shares.isAway = true;
    await fleet.start();
    expect(fleet.gateways[0]!.call(fleet.now)).toMatchObject({
      ...{ kind: 'blocked', by: 'Away', retryAfterMs: 1000 },
    });
  });

  test('closed tokens are away too, whatever the call asks for', async () => {
    const tokenLimits = [{ deployment: 'gpt', tokensPerMinute: 6000 }];
    const options = { gateway: { ...closed.gateway, tokenLimits } };
    const fleet = await new Fleet([perSecond(tps)], options).start();
    fleet.shares.isAway = true;
    await fleet.run(15 * secondMs, () => undefined, secondMs);
    const call = { deployment: 'gpt', tokens: { input: 100, output: 900 } };
    expect(fleet.gateways[0]!.call(fleet.now, call)).toMatchObject({ by: 'Away' });
    const [tally] = fleet.gateways[0]!.limiter.drain(fleet.now);
    expect(tally!.keys[0]!.blocked).toEqual({ Away: 1 });
    expect(tally!.deployments[0]!.requests).toEqual(new Map([[503, 1]]));
  });
});

describe('the limit changes', () => {
  test('a raise counts within a second or two, a fall at once', async () => {
    const { fleet, passed } = await shared(3);
    fleet.setTps(50);
    const before = fleet.now;
    await fleet.run(10 * secondMs, flooded(fleet, passed));
    // What was counted before the fall is not forgiven.
    expect(passed.within(before, (before + secondMs) as Instant)).toBeLessThanOrEqual(50);
    expect(rate(passed, fleet, 5 * secondMs)).toBeCloseTo(50, 0);
    fleet.setTps(200);
    await fleet.run(3 * secondMs, flooded(fleet, passed));
    await fleet.run(10 * secondMs, flooded(fleet, passed));
    expect(rate(passed, fleet, 5 * secondMs)).toBeGreaterThan(198);
    expect(passed.most(secondMs)).toBeLessThanOrEqual(200);
  });

  test('an instance that has not heard of a fall keeps to its slice', async () => {
    const { fleet, passed } = await shared(2);
    const [heard, deaf] = fleet.gateways;
    const limit = { key: 'default', tps: 50, commandId: 'c', claimedAt: fleet.now };
    heard!.limiter.setLimits({ account: vision, limits: [limit] });
    await fleet.run(10 * secondMs, flooded(fleet, passed));
    expect(rate(passed, fleet, 5 * secondMs)).toBeLessThanOrEqual(tps);
    deaf!.limiter.setLimits({ account: vision, limits: [limit] });
    await fleet.run(5 * secondMs, flooded(fleet, passed));
    expect(Math.abs(rate(passed, fleet, 2 * secondMs) - 50)).toBeLessThanOrEqual(1);
  });
});

describe('a clock is set', () => {
  test.each([-hourMs, hourMs, -3 * secondMs, 3 * secondMs])(
    'by %d ms at one of three',
    async (ms) => {
      const { fleet, passed } = await shared(3);
      fleet.gateways[1]!.clockOffMs = ms;
      await fleet.run(20 * secondMs, flooded(fleet, passed));
      fleet.gateways[1]!.clockOffMs = 0;
      await fleet.run(20 * secondMs, flooded(fleet, passed));
      expect(rate(passed, fleet, 10 * secondMs)).toBeGreaterThan(tps * 0.99);
      // A step ahead ends the open window of the one: its share may come a second time.
      const twice = Math.ceil(tps / 3);
      expect(passed.most(secondMs)).toBeLessThanOrEqual(tps + twice);
      if (ms === -hourMs) expect(passed.most(10 * secondMs)).toBeLessThanOrEqual(tps * 10 + twice);
    },
  );

  test('by an hour back at all of them: nothing above the limit, and it goes on', async () => {
    const { fleet, passed } = await shared(3);
    for (const gateway of fleet.gateways) gateway.clockOffMs = -hourMs;
    await fleet.run(15 * secondMs, flooded(fleet, passed));
    expect(passed.most(secondMs)).toBeLessThanOrEqual(tps);
    expect(rate(passed, fleet, 10 * secondMs)).toBeGreaterThan(tps * 0.99);
  });
});

test('a pool whose request hangs holds up no other', async () => {
  const kept = new MemoryShares();
  const hanging: ShareStore = {
    read: (pool) => (pool.endsWith('/slow') ? new Promise(() => undefined) : kept.read(pool)),
    replace: (shares, etag) => kept.replace(shares, etag),
  };
  const one = new Gateway(hanging);
  const slow = { ...perSecond(5), key: 'slow', matchPatterns: [{ method: '*', path: 'slow/*' }] };
  one.limiter.setAccount({ account: account([slow, perSecond(5)]), policy: policy() });
  for (let seconds = 0; seconds <= 30; seconds++) {
    void one.renew(after(begin, seconds * secondMs));
    await new Promise(setImmediate);
  }
  const now = after(begin, 30 * secondMs);
  expect(one.passes(now)).toBe(true);
  expect(one.passes(now, { path: '/slow/1' })).toBe(false);
});

test('no call asks the store, and an idle limit asks seldom', async () => {
  const { fleet } = await shared(1);
  const before = fleet.shares.requests;
  await fleet.run(minuteMs, () => fleet.gateways[0]!.passes(fleet.now));
  expect(fleet.shares.requests - before).toBeLessThan(100);
});
