import { describe, expect, test } from '@jest/globals';
import { after, defaultRule, minuteMs, secondMs } from '@headroom/core';
import type { AccountTally, Admission, Ticket } from '@headroom/limiter';
import { Fleet, Ledger, perSecond, policy, vision } from './fleet.ts';

const { gateway: defaults } = policy();

function ticketOf(admission: Admission): Ticket {
  if (admission.kind === 'blocked') throw new Error(`blocked by ${admission.by}`);
  return admission.ticket;
}

async function one(rules = [perSecond(10)], changes: Parameters<typeof policy>[0] = {}) {
  const fleet = await new Fleet(rules, changes).start();
  return { fleet, gateway: fleet.gateways[0]! };
}

describe('the standing', () => {
  test('says what is left, and when all of it is free again', async () => {
    const { fleet, gateway } = await one();
    expect(gateway.call(fleet.now).standing).toEqual({
      requests: { limit: 10, remaining: 9, periodMs: secondMs, resetMs: secondMs },
    });
    await fleet.run(400, () => undefined);
    expect(gateway.call(fleet.now).standing.requests).toMatchObject({ remaining: 8 });
  });

  test('a blocked call learns when to come again', async () => {
    const { fleet, gateway } = await one();
    for (let calls = 0; calls < 10; calls++) {
      gateway.passes(fleet.now);
      await fleet.run(50, () => undefined);
    }
    const blocked = gateway.call(fleet.now);
    expect(blocked).toMatchObject({
      kind: 'blocked',
      by: 'Rate',
      key: 'default',
      retryAfterMs: 500,
    });
    await fleet.run(490, () => undefined);
    expect(gateway.passes(fleet.now)).toBe(false);
    await fleet.run(10, () => undefined);
    expect(gateway.passes(fleet.now)).toBe(true);
  });
});

describe('why a call is blocked', () => {
  test('a poll that shares the limit of what it polls is no demand for more', async () => {
    const { fleet, gateway } = await one([perSecond(1)]);
    gateway.passes(fleet.now);
    expect(gateway.call(fleet.now, { method: 'GET' })).toMatchObject({ by: 'Polling' });
    expect(gateway.call(fleet.now)).toMatchObject({ by: 'Rate' });
  });

  test('where a rule is about reading, a GET is a call like others', async () => {
    const models = {
      ...perSecond(1),
      key: 'models',
      matchPatterns: [{ method: 'GET', path: 'models/*' }],
    };
    const { fleet, gateway } = await one([models, defaultRule]);
    const get = { method: 'GET', path: '/models/1' };
    gateway.passes(fleet.now, get);
    expect(gateway.call(fleet.now, get)).toMatchObject({ by: 'Rate', key: 'models' });
  });

  test('each rule has a limit of its own', async () => {
    const read = { ...perSecond(2), key: 'Read', matchPatterns: [{ method: '*', path: 'read/*' }] };
    const { fleet, gateway } = await one([read, defaultRule]);
    const calls = Array.from({ length: 5 }, () => gateway.passes(fleet.now, { path: '/read/1' }));
    expect(calls.filter(Boolean)).toHaveLength(2);
    expect(gateway.passes(fleet.now)).toBe(true);
    expect(gateway.call(fleet.now, { path: '/read/1' })).toMatchObject({ key: 'read' });
  });
});

describe('tokens', () => {
  const gateway = { ...defaults, tokenLimits: [{ deployment: 'GPT', tokensPerMinute: 6000 }] };
  const call = { deployment: 'gpt', tokens: { input: 100, output: 900 } };

  test('are reserved on the way in and corrected by what was used', async () => {
    const { fleet, gateway: at } = await one([perSecond(100)], { gateway });
    const tickets = Array.from({ length: 6 }, () => ticketOf(at.call(fleet.now, call)));
    const full = at.call(fleet.now, call);
    expect(full).toMatchObject({ kind: 'blocked', by: 'Tokens', retryAfterMs: minuteMs });
    expect(full.standing.tokens).toMatchObject({ limit: 6000, remaining: 0 });
    const usage = { inputTokens: 100, outputTokens: 400 };
    tickets[0]!.settle({ kind: 'served', usage }, fleet.now);
    tickets[0]!.settle({ kind: 'failed' }, fleet.now);
    expect(at.call(fleet.now, call)).toMatchObject({ by: 'Tokens' });
    tickets[1]!.settle({ kind: 'failed' }, fleet.now);
    const next = at.call(fleet.now, call);
    expect(next).toMatchObject({ kind: 'admitted', standing: { tokens: { remaining: 500 } } });
    ticketOf(next).settle(
      { kind: 'served', usage: { inputTokens: 100, outputTokens: 1300 } },
      fleet.now,
    );
    expect(at.call(fleet.now, { ...call, tokens: { input: 50, output: 100 } })).toMatchObject({
      by: 'Tokens',
    });
    expect(at.call(fleet.now, { ...call, tokens: { input: 50, output: 50 } }).kind).toBe(
      'admitted',
    );
    expect(at.call(fleet.now, { ...call, deployment: 'other' }).kind).toBe('admitted');
  });

  test.each([1, 3])('within 5 %% of the limit, with %d instances', async (instances) => {
    const fleet = await new Fleet([perSecond(1000)], {
      gateway: { ...defaults, tokenLimits: [{ deployment: 'gpt', tokensPerMinute: 60_000 }] },
    }).start(instances);
    const used = new Ledger();
    const under: { readonly ticket: Ticket; readonly at: number; readonly used: number }[] = [];
    let count = 0;
    const work = (now: typeof fleet.now) => {
      while ((under[0]?.at ?? Infinity) <= now) {
        const { ticket, used: outputTokens } = under.shift()!;
        ticket.settle({ kind: 'served', usage: { inputTokens: 50, outputTokens } }, now);
      }
      const admission = fleet.gateways[count++ % instances]!.call(now, {
        ...{ deployment: 'gpt', tokens: { input: 50, output: 250 } },
      });
      if (admission.kind === 'blocked') return;
      const outputTokens = (count * 37) % 250;
      under.push({ ticket: admission.ticket, at: now + 2000, used: outputTokens });
      used.add(now, 50 + outputTokens);
    };
    await fleet.run(3 * minuteMs, work, 50);
    const from = fleet.now;
    await fleet.run(2 * minuteMs, work, 50);
    expect(Math.abs(used.within(from, fleet.now) / 120_000 - 1)).toBeLessThan(0.05);
    expect(used.most(minuteMs)).toBeLessThanOrEqual(60_000 * 1.05);
  });
});

describe('fairness', () => {
  const fair = { gateway: { ...defaults, callerShareMax: 0.5 } };

  test('a caller alone has all of it; once others ask, what they ask for is theirs', async () => {
    const { fleet, gateway } = await one([perSecond(100)], fair);
    const passed = new Map<string, Ledger>(
      ['hog', 'ann', 'bob'].map((name) => [name, new Ledger()]),
    );
    const calls = (caller: string, every: number) => (now: typeof fleet.now) => {
      if (now % every === 0 && gateway.passes(now, { caller })) passed.get(caller)!.add(now);
    };
    const hog = (now: typeof fleet.now) => {
      for (let i = 0; i < 5; i++) calls('hog', 10)(now);
    };
    await fleet.run(5 * secondMs, hog);
    expect(passed.get('hog')!.within(after(fleet.now, -secondMs), fleet.now)).toBe(100);
    await fleet.run(2 * secondMs, (now) => {
      hog(now);
      calls('ann', 50)(now);
      calls('bob', 50)(now);
    });
    const from = fleet.now;
    await fleet.run(10 * secondMs, (now) => {
      hog(now);
      calls('ann', 50)(now);
      calls('bob', 50)(now);
    });
    const rates = [...passed.values()].map((ledger) => ledger.within(from, fleet.now) / 10);
    expect(rates[1]).toBeGreaterThanOrEqual(18.5);
    expect(rates[2]).toBeGreaterThanOrEqual(18.5);
    expect(rates[0]).toBeGreaterThan(55);
    expect(gateway.call(fleet.now, { caller: 'hog' })).toMatchObject({
      kind: 'blocked',
      by: 'Caller',
    });
  });

  test('two that want everything have half each', async () => {
    const { fleet, gateway } = await one([perSecond(100)], fair);
    const passed = [new Ledger(), new Ledger()];
    await fleet.run(10 * secondMs, (now) => {
      for (let i = 0; i < 8; i++) if (gateway.passes(now, { caller: 'a' })) passed[0]!.add(now);
      for (let i = 0; i < 2; i++) if (gateway.passes(now, { caller: 'b' })) passed[1]!.add(now);
    });
    const from = after(fleet.now, -5 * secondMs);
    for (const ledger of passed) {
      expect(ledger.within(from, after(fleet.now, 1)) / 5).toBeGreaterThan(47);
      expect(ledger.within(from, after(fleet.now, 1)) / 5).toBeLessThanOrEqual(51);
    }
  });

  test('where a share is less than a call, the limit is given out all the same', async () => {
    const few = { gateway: { ...defaults, callerShareMax: 0.1 } };
    const { fleet, gateway } = await one([perSecond(3)], few);
    let passed = 0;
    await fleet.run(10 * secondMs, () => {
      for (const caller of ['a', 'b', 'c', 'd'])
        if (gateway.passes(fleet.now, { caller })) passed++;
    });
    expect(passed).toBeGreaterThanOrEqual(29);
  });

  test('callers without number are served, and told apart up to a limit', async () => {
    const { fleet, gateway } = await one([perSecond(1000)], fair);
    let passed = 0;
    await fleet.run(10 * secondMs, (now) => {
      for (let i = 0; i < 9; i++) if (gateway.passes(now, { caller: `${now}/${i}` })) passed++;
    });
    expect(passed).toBeGreaterThan(8900);
  });
});

describe('what is drained', () => {
  const drained = (tallies: readonly AccountTally[]) => tallies[0]!;

  test('counts once', async () => {
    const tokenLimits = [{ deployment: 'gpt', tokensPerMinute: 1_000_000 }];
    const { fleet, gateway } = await one([perSecond(3)], { gateway: { ...defaults, tokenLimits } });
    const model = { deployment: 'GPT', tokens: { input: 10, output: 90 } };
    const served = {
      ...({ kind: 'served', statusCode: 200, latencyMs: 40 } as const),
      usage: { inputTokens: 10, outputTokens: 20 },
    };
    gateway.passes(fleet.now, model, served);
    gateway.passes(fleet.now, { caller: 'bob' }, { kind: 'failed', latencyMs: 60 });
    gateway.passes(fleet.now, model, { kind: 'failed', blockedBy: 'Backend', statusCode: 429 });
    gateway.passes(fleet.now, model);
    expect(gateway.limiter.drain(fleet.now)).toEqual([
      {
        account: vision,
        keys: [
          {
            ...{ key: 'default', total: 4, successful: 1, limitTps: 3, shareTps: 3 },
            blocked: { Backend: 1, Rate: 1 },
            latency: { count: 2, sumMs: 100, minMs: 40, maxMs: 60 },
          },
        ],
        callers: [
          { caller: 'ann', calls: 3 },
          { caller: 'bob', calls: 1 },
        ],
        spendMicros: 0,
        deployments: [
          {
            ...{ deployment: 'gpt', inputTokens: 10, outputTokens: 20 },
            requests: new Map([
              [200, 1],
              [429, 2],
            ]),
          },
        ],
      },
    ]);
    const empty = {
      total: 0,
      successful: 0,
      blocked: {},
      limitTps: 3,
      shareTps: 3,
      key: 'default',
    };
    expect(drained(gateway.limiter.drain(fleet.now)).keys).toEqual([empty]);
  });

  test('names the busiest callers, however many there are', async () => {
    const { fleet, gateway } = await one([perSecond(10_000)]);
    for (let i = 0; i < 3000; i++) gateway.passes(fleet.now, { caller: `c${i % 1500}` });
    for (let i = 0; i < 10; i++) gateway.passes(fleet.now, { caller: 'c7' });
    const { callers } = drained(gateway.limiter.drain(fleet.now));
    expect(callers).toHaveLength(20);
    expect(callers[0]).toEqual({ caller: 'c7', calls: 12 });
  });
});

describe('another version of the setting', () => {
  test('forgives nothing that was counted, and keeps what is in force', async () => {
    const { fleet, gateway } = await one([perSecond(10)]);
    fleet.setTps(20);
    await fleet.run(2 * secondMs, () => undefined);
    for (let i = 0; i < 20; i++) expect(gateway.passes(fleet.now)).toBe(true);
    fleet.set([perSecond(12)]);
    expect(gateway.passes(fleet.now)).toBe(false);
    await fleet.run(secondMs, () => undefined);
    expect(
      Array.from({ length: 30 }, () => gateway.passes(fleet.now)).filter(Boolean),
    ).toHaveLength(20);
  });

  test('an approved default counts until a limit is set', async () => {
    const { fleet, gateway } = await one([perSecond(10)], { approvedTps: { default: 30 } });
    const burst = () => Array.from({ length: 50 }, () => gateway.passes(fleet.now)).filter(Boolean);
    expect(burst()).toHaveLength(30);
  });
});
