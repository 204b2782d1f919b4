import { describe, expect, test } from '@jest/globals';
import { after, capWindowMs, hourMs, minuteMs, secondMs } from '@headroom/core';
import type { Instant, SpendCap, SpendPolicy } from '@headroom/core';
import type { Ticket } from '@headroom/limiter';
import { decodeShares, encodeShares } from '@headroom/wire';
import { Random } from '../reference/random.ts';
import { Fleet, Ledger, perSecond, vision } from './fleet.ts';
import type { Gateway } from './fleet.ts';

const cent = 10_000;
const dollar = 100 * cent;

function spendPolicy(caps: readonly SpendCap[], perCallMicros = cent): SpendPolicy {
  const tokens = { perInputTokenMicros: 100, perOutputTokenMicros: 200 };
  return { currency: 'USD', caps, prices: [{ key: '*', perCallMicros, ...tokens }] };
}

function cap(amountMicros: number, per: SpendCap['per'] = 'hour'): SpendCap {
  return { of: 'account', per, amountMicros };
}

const open = { whenAway: 'open', callerShareMax: 1, tokenLimits: [] } as const;
const nothing = () => undefined;

function used(inputTokens: number) {
  return { kind: 'served', usage: { inputTokens, outputTokens: 0 } } as const;
}

describe('a budget', () => {
  test('takes the highest price of a call, and gives back what it did not cost', async () => {
    const spend = spendPolicy([cap(10 * cent)]);
    const fleet = await new Fleet([perSecond(1000)], { spend }).start();
    const [gateway] = fleet.gateways as [Gateway];
    // 1 cent, and 100 × 0.01 + 150 × 0.02 cents: two of them are ten cents.
    const call = { tokens: { input: 100, output: 150 } };
    const tickets: Ticket[] = [];
    for (let i = 0; i < 10; i++) {
      const admission = gateway.call(fleet.now, call);
      if (admission.kind === 'admitted') tickets.push(admission.ticket);
      await fleet.run(secondMs, nothing);
    }
    expect(tickets).toHaveLength(2);
    expect(gateway.call(fleet.now)).toMatchObject({ kind: 'blocked', by: 'Spend', key: 'default' });
    tickets[0]!.settle({ kind: 'failed' }, fleet.now);
    tickets[0]!.settle({ kind: 'served' }, fleet.now);
    const usage = { inputTokens: 100, outputTokens: 50 };
    tickets[1]!.settle({ kind: 'served', usage }, fleet.now);
    let passed = 0;
    await fleet.run(20 * secondMs, () => (passed += gateway.passes(fleet.now) ? 1 : 0), 100);
    // Of ten cents three were spent.
    expect(passed).toBe(7);
    expect(gateway.limiter.drain(fleet.now)[0]!.spendMicros).toBe(10 * cent);
  });

  test('says when there will be money again, and then there is', async () => {
    const fleet = await new Fleet([perSecond(100)], {
      spend: spendPolicy([cap(5 * cent)]),
    }).start();
    const [gateway] = fleet.gateways as [Gateway];
    await fleet.run(10 * secondMs, () => gateway.passes(fleet.now), 100);
    const blocked = gateway.call(fleet.now);
    if (blocked.kind === 'admitted') throw new Error('admitted');
    const { retryAfterMs = 0 } = blocked;
    expect(retryAfterMs).toBeGreaterThan(59 * minuteMs);
    await fleet.run(retryAfterMs + minuteMs, nothing, secondMs);
    let passed = 0;
    await fleet.run(10 * secondMs, () => (passed += gateway.passes(fleet.now) ? 1 : 0), 100);
    expect(passed).toBe(5);
  });

  test('of a group is one for all its accounts, also for those that name no cap', async () => {
    const caps = [{ of: 'group', per: 'day', amountMicros: 20 * cent }] as const;
    const fleet = await new Fleet([perSecond(100)], {
      group: 'g',
      spend: spendPolicy(caps),
    }).start();
    const [gateway] = fleet.gateways as [Gateway];
    const other = fleet.addAccount('other', { group: 'g', spend: spendPolicy([]) });
    const free = fleet.addAccount('free', { spend: spendPolicy([]) });
    await gateway.renew(fleet.now);
    let [passed, freed] = [0, 0];
    const calls = () => {
      for (const account of [undefined, other]) {
        if (gateway.passes(fleet.now, account === undefined ? {} : { account })) passed++;
      }
      if (gateway.passes(fleet.now, { account: free })) freed++;
    };
    await fleet.run(30 * secondMs, calls, 100);
    expect(passed).toBe(20);
    expect(freed).toBe(300);
  });

  test('goes nearly to its end with three instances', async () => {
    const fleet = await new Fleet([perSecond(100)], { spend: spendPolicy([cap(dollar)]) }).start(3);
    const spent = new Ledger();
    const calls = (now: Instant) => {
      for (const gateway of fleet.alive) if (gateway.passes(now)) spent.add(now, cent);
    };
    await fleet.run(minuteMs, calls, 100);
    expect(spent.most(hourMs)).toBe(dollar);
  });

  test.each([
    ['one dear call beside cheap ones', [60, 1, 1], 1],
    ['two that do not go together', [60, 60, 1], 1],
    ['calls of which three are all there is', [30, 30, 30], 3],
  ])('gives out what it has: %s', async (_what, cents, dearPassed) => {
    const spend = spendPolicy([cap(100 * cent)], cent);
    const fleet = await new Fleet([perSecond(100)], { spend }).start(3);
    const passed = cents.map(() => 0);
    const spent = new Ledger();
    const work = (now: Instant) => {
      fleet.gateways.forEach((gateway, index) => {
        // Cheap ones stop early: the cap has room for one that is dear.
        if (cents[index] === 1 && passed[index]! >= 15) return;
        const tokens = { input: (cents[index]! - 1) * 100, output: 0 };
        if (!gateway.passes(now, { tokens }, used(tokens.input))) return;
        passed[index]!++;
        spent.add(now, cents[index]! * cent);
      });
    };
    await fleet.run(10 * minuteMs, work, secondMs);
    expect(spent.most(hourMs)).toBeLessThanOrEqual(100 * cent);
    const dear = passed.filter((_count, index) => cents[index] !== 1);
    expect(dear.reduce((sum, count) => sum + count)).toBe(dearPassed);
  });

  test('refuses a call that costs more than the whole cap for good', async () => {
    const fleet = await new Fleet([perSecond(100)], { spend: spendPolicy([cap(dollar)]) }).start();
    const blocked = fleet.gateways[0]!.call(fleet.now, { tokens: { input: 10_000, output: 0 } });
    expect(blocked).toMatchObject({ kind: 'blocked', by: 'TooLarge' });
    expect(blocked).not.toHaveProperty('retryAfterMs');
  });

  test('is closed while the store is away, however the limits are', async () => {
    const options = { gateway: open, spend: spendPolicy([cap(1000 * dollar)]) };
    const fleet = await new Fleet([perSecond(100)], options).start();
    fleet.shares.isAway = true;
    await fleet.run(30 * secondMs, nothing, secondMs);
    expect(fleet.gateways[0]!.passes(fleet.now)).toBe(true);
    await fleet.run(minuteMs, nothing, secondMs);
    expect(fleet.gateways[0]!.call(fleet.now)).toMatchObject({ kind: 'blocked', by: 'Away' });
    fleet.shares.isAway = false;
    await fleet.run(2 * secondMs, nothing, secondMs);
    expect(fleet.gateways[0]!.passes(fleet.now)).toBe(true);
  });

  test('a slice that became smaller by a write without an answer is smaller', async () => {
    const options = { gateway: open, spend: spendPolicy([cap(dollar)]) };
    const fleet = await new Fleet([perSecond(1000)], options).start(2);
    const [first, second] = fleet.gateways as [Gateway, Gateway];
    let spent = 0;
    const burst = (gateway: Gateway, now: Instant) => {
      for (let calls = 0; calls < 100; calls++) if (gateway.passes(now)) spent += cent;
    };
    // The first has much in hand for what it is asked for, then nobody asks it any more.
    await fleet.run(5 * secondMs, (now) => (spent += first.passes(now) ? cent : 0), 100);
    await fleet.run(18 * secondMs, nothing);
    const later = (seconds: number) => after(fleet.now, seconds * secondMs);
    fleet.shares.fault = () => 'after';
    fleet.shares.readsWell = true;
    await first.renew(later(20));
    fleet.shares.fault = () => 'none';
    for (let seconds = 21; seconds < 30; seconds++) {
      burst(second, later(seconds));
      await second.renew(later(seconds));
    }
    burst(first, later(30));
    expect(spent).toBeLessThanOrEqual(dollar);
    expect(spent).toBeGreaterThan(dollar * 0.9);
  });

  test('a holder whose slice was put down as spent gets nothing back from it', async () => {
    const fleet = await new Fleet([perSecond(1000)], { spend: spendPolicy([cap(dollar)]) }).start(
      2,
    );
    const [first, second] = fleet.gateways as [Gateway, Gateway];
    const spent = new Ledger();
    const underWay: Ticket[] = [];
    await fleet.run(
      5 * secondMs,
      () => {
        const admission = first.call(fleet.now);
        if (admission.kind === 'admitted') underWay.push(admission.ticket);
      },
      100,
    );
    // Cut off, and taken for dead.
    first.isAlive = false;
    await fleet.run(5 * minuteMs, nothing, secondMs);
    first.isAlive = true;
    await fleet.run(5 * secondMs, nothing);
    for (const ticket of underWay) ticket.settle({ kind: 'served' }, fleet.now);
    spent.add(fleet.now, underWay.length * cent);
    await fleet.run(
      30 * secondMs,
      (now) => {
        for (const gateway of [first, second]) if (gateway.passes(now)) spent.add(now, cent);
      },
      100,
    );
    expect(spent.most(hourMs)).toBeLessThanOrEqual(dollar);
    expect(underWay.length).toBeGreaterThan(20);
  });

  test('a clock set ahead frees no money, nor does one set back', async () => {
    const fleet = await new Fleet([perSecond(100)], { spend: spendPolicy([cap(dollar)]) }).start(2);
    const spent = new Ledger();
    const calls = (now: Instant) => {
      for (const gateway of fleet.alive) if (gateway.passes(now)) spent.add(now, cent);
    };
    for (const off of [0, 2 * hourMs, -2 * hourMs, 0]) {
      fleet.gateways[0]!.clockOffMs = off;
      await fleet.run(5 * minuteMs, calls, 500);
    }
    expect(spent.most(hourMs)).toBe(dollar);
    await fleet.run(1.5 * hourMs, calls, 2 * secondMs);
    expect(spent.most(hourMs)).toBeLessThanOrEqual(dollar);
    expect(spent.within(after(fleet.now, -hourMs), fleet.now)).toBeGreaterThan(0);
  });
});

interface UnderWay {
  readonly ticket: Ticket;
  readonly gateway: Gateway;
  readonly endsAt: number;
  readonly outputTokens: number;
  readonly fails: boolean;
}

/** Calls at all instances, each under way for three seconds; what they cost, by when they were let in and when they ended. */
class WildClient {
  readonly admitted = new Ledger();
  readonly settled = new Ledger();
  readonly #underWay: UnderWay[] = [];
  readonly #fleet: Fleet;
  readonly #random: Random;
  #ended = 0;

  constructor(fleet: Fleet, random: Random) {
    this.#fleet = fleet;
    this.#random = random;
  }

  work(now: Instant, calls: number): void {
    this.#end(now);
    const random = this.#random;
    const { alive } = this.#fleet;
    const refused = new Map<Gateway, number>();
    for (let left = calls; left > 0; left--) {
      const gateway = alive[left % alive.length]!;
      // At one moment the fourth is answered as the three before it.
      if ((refused.get(gateway) ?? 0) >= 3) continue;
      const tokens = random.chance(0.01) ? dearTokens : cheapTokens;
      const admission = gateway.call(now, { tokens });
      if (admission.kind === 'blocked') {
        refused.set(gateway, (refused.get(gateway) ?? 0) + 1);
        continue;
      }
      const outputTokens = random.int(0, tokens.output);
      const fails = random.chance(0.2);
      const { ticket } = admission;
      this.#underWay.push({ ticket, gateway, outputTokens, fails, endsAt: now + 3000 });
      if (!fails) this.admitted.add(now, costOf(outputTokens));
    }
  }

  #end(now: Instant): void {
    for (; (this.#underWay[this.#ended]?.endsAt ?? Infinity) <= now; this.#ended++) {
      const { ticket, gateway, outputTokens, fails } = this.#underWay[this.#ended]!;
      // What the backend did for a gateway that died is billed all the same.
      if (!fails) this.settled.add(now, costOf(outputTokens));
      if (!gateway.isAlive) continue;
      const usage = { inputTokens: cheapTokens.input, outputTokens };
      ticket.settle(fails ? { kind: 'failed' } : { kind: 'served', usage }, now);
    }
  }
}

const cheapTokens = { input: 10, output: 50 };
/** More than an equal share of the cap. */
const dearTokens = { input: 10, output: 15_000 };

function costOf(outputTokens: number): number {
  return 3_333 + 10 * 100 + outputTokens * 200;
}

describe('a client that has gone wild', () => {
  const seed = Number(process.env['SEED'] ?? Date.now() % 1_000_000);

  /** A store that is away for a while now and then, and loses requests and answers; gateways are killed and come back. */
  async function wreck(fleet: Fleet, random: Random): Promise<void> {
    const roll = random.next();
    if (roll < 0.004) fleet.shares.isAway = true;
    else if (roll < 0.02) fleet.shares.isAway = false;
    const failing = random.chance(0.1) ? 0.3 : 0.02;
    fleet.shares.fault = () =>
      random.chance(failing) ? random.pick(['before', 'after'] as const) : 'none';
    if (!random.chance(0.003)) return;
    random.pick(fleet.alive).isAlive = false;
    await fleet.start();
  }

  test.each([
    { perSec: 500, hours: 1, stepMs: 200 },
    { perSec: 10, hours: 2.5, stepMs: secondMs },
  ])('$perSec calls a second, for $hours h, cost at most the cap, to the cent', async (wild) => {
    const random = new Random(seed);
    const amount = 7 * dollar + 37;
    const spend = spendPolicy([cap(amount), cap(16 * dollar, 'month')], 3_333);
    const fleet = await new Fleet([perSecond(1000)], { spend }).start(3);
    const client = new WildClient(fleet, random);
    const calls = (wild.perSec * wild.stepMs) / secondMs;
    const work = (now: Instant) => client.work(now, calls);
    for (let second = 0; second < (wild.hours * hourMs) / secondMs; second++) {
      await wreck(fleet, random);
      await fleet.run(secondMs, work, wild.stepMs);
    }
    for (const ledger of [client.settled, client.admitted]) {
      const above = Math.max(0, ledger.most(hourMs) - amount);
      expect({ seed, above }).toEqual({ seed, above: 0 });
      expect(ledger.most(capWindowMs.month)).toBeLessThanOrEqual(16 * dollar);
    }
    expect(client.settled.most(hourMs)).toBeGreaterThan(dollar);
    for (const pool of [`${vision}/spend`, `${vision}/ratelimits/default`]) {
      const { shares } = (await fleet.shares.kept.read(pool))!;
      expect(decodeShares(encodeShares(shares))).toEqual({ ok: true, value: shares });
    }
  });
});
