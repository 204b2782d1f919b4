import { describe, expect, test } from '@jest/globals';
import { after, decideAgain, hourMs, limitMetrics, minuteMs } from '@headroom/core';
import type { SpendPolicy } from '@headroom/core';
import fc from 'fast-check';
import { account, begin, policy, vision, VirtualGateway } from './virtual-gateway.ts';

const flood = { perSecond: 1500 };
const other = { id: `${vision}2` as typeof vision, name: 'vision2' };
const term = { at: begin, until: after(begin, hourMs), owner: 'ann', reason: 'launch' };

describe('pace fast', () => {
  const fast = { pace: 'fast' } as const;

  test('raises with the first blocked call, then every 30 s, to the maximum in an hour', () => {
    const gateway = new VirtualGateway();
    gateway.apply({}, fast);
    gateway.run(3, { perSecond: 5 });
    gateway.run(3.7, flood);
    const seconds = gateway.changes.map(({ at }) => Math.round((at - 3) * 60));
    expect(seconds).toEqual([1, 31]);
    gateway.run(63, flood);
    expect(gateway.limit()).toBe(1000);
  });

  test('follows the same curve as the pace of the document', () => {
    const [quick, slow] = [new VirtualGateway(), new VirtualGateway()];
    quick.apply({}, fast);
    slow.apply();
    quick.run(30, flood);
    slow.run(30, flood);
    expect(Math.abs(quick.limit() / slow.limit() - 1)).toBeLessThan(0.06);
  });

  test('switched off, the limit is back at once', () => {
    const gateway = new VirtualGateway();
    gateway.apply({}, fast);
    gateway.run(20, flood);
    gateway.apply({ dynamicThrottlingEnabled: false }, fast);
    gateway.second([flood]);
    gateway.second([flood]);
    expect(gateway.limit()).toBe(10);
  });
});

describe('a capacity that is learned', () => {
  const learned = { pace: 'fast', capacity: { kind: 'learned', initialTps: 1000 } } as const;

  /** A backend that serves `capacity` calls a second and answers 429 to the others. */
  function run(gateway: VirtualGateway, until: number, capacity: number): void {
    while (gateway.minutes < until - 1e-9) {
      const passed = gateway.limit();
      const served = Math.min(passed, capacity);
      const key = { key: 'default' };
      gateway.happens(gateway.tell(limitMetrics.successfulCalls, served, key));
      if (served < passed) gateway.tellBlocked(passed - served, gateway.now, 'Backend');
      gateway.tellBlocked(flood.perSecond - passed, gateway.now);
      gateway.second();
    }
  }

  test('stops the climb where the backend refuses, and follows it down and up', () => {
    const gateway = new VirtualGateway();
    gateway.apply({}, learned);
    run(gateway, 60, 200);
    expect(gateway.limit()).toBeGreaterThan(150);
    expect(gateway.limit()).toBeLessThan(260);
    run(gateway, 65, 60);
    expect(gateway.limit()).toBeLessThan(100);
    expect(gateway.reasons).toContain('CapacityFell');
    run(gateway, 90, 400);
    expect(gateway.limit()).toBeGreaterThan(200);
  });
});

describe('spending', () => {
  const spend: SpendPolicy = {
    currency: 'EUR',
    caps: [{ of: 'account', per: 'hour', amountMicros: 100_000_000 }],
    prices: [{ key: '*', perCallMicros: 1000, perInputTokenMicros: 0, perOutputTokenMicros: 0 }],
  };

  function run(gateway: VirtualGateway, until: number, perSecond: number): number {
    let micros = 0;
    while (gateway.minutes < until - 1e-9) {
      const passed = Math.min(perSecond, gateway.limit());
      micros += passed * 1000;
      gateway.happens(gateway.tell(limitMetrics.spend, passed * 1000, { key: 'default' }));
      gateway.second([{ perSecond }]);
    }
    return micros;
  }

  test('a raise stays within what an hour at full use may cost', () => {
    const gateway = new VirtualGateway();
    gateway.apply({}, { spend });
    gateway.run(60, flood);
    // 100 EUR an hour at 0.001 EUR a call.
    expect(gateway.limit()).toBe(27.7);
    expect(gateway.reasons).toContain('SpendGuard');
  });

  test('a client that calls 500 times a second for an hour gets no more than the cap and what the default costs', () => {
    const gateway = new VirtualGateway();
    gateway.apply({}, { spend, pace: 'fast' });
    const micros = run(gateway, 60, 500);
    expect(gateway.limit()).toBeLessThanOrEqual(27.7);
    expect(micros).toBeLessThanOrEqual(100_000_000);
  });

  test('limits under one cap share what it leaves', () => {
    const gateway = new VirtualGateway();
    const caps = [{ of: 'group', per: 'hour', amountMicros: 100_000_000 }] as const;
    const options = { group: 'g', spend: { ...spend, caps } };
    gateway.apply({}, options);
    gateway.apply(other, options);
    gateway.run(60, flood, { ...flood, on: other.id });
    expect(gateway.limit() + gateway.limit('default', other.id)).toBeLessThanOrEqual(27.8);
    expect(gateway.limit() + gateway.limit('default', other.id)).toBeGreaterThan(26);
  });

  test('where only tokens cost, nothing is raised before it is known what a call costs', () => {
    const gateway = new VirtualGateway();
    const prices = [
      { key: '*', perCallMicros: 0, perInputTokenMicros: 1, perOutputTokenMicros: 1 },
    ];
    gateway.apply({}, { spend: { ...spend, prices } });
    gateway.run(30, flood);
    expect(gateway.limit()).toBe(10);
    expect(gateway.reasons).toContain('SpendGuard');
    run(gateway, 45, flood.perSecond);
    expect(gateway.limit()).toBeGreaterThan(10);
  });

  test('a cap that is used up is on record, also where no raise is to be taken back', () => {
    const gateway = new VirtualGateway();
    const caps = [{ of: 'account', per: 'hour', amountMicros: 1_000_000 }] as const;
    gateway.apply({}, { pace: 'fast', spend: { ...spend, caps } });
    run(gateway, 5, 500);
    const breaches = gateway.decisions.filter(({ limit }) => limit?.spend.breach !== undefined);
    expect(breaches.map(({ outcome, reason }) => `${outcome} ${reason}`)).toEqual([
      'Hold SpendGuard',
    ]);
  });

  test('a cap that is used up takes the limit back to its default, and keeps it there', () => {
    const gateway = new VirtualGateway();
    gateway.apply({}, { pace: 'fast' });
    gateway.run(30, flood);
    const caps = [{ of: 'group', per: 'day', amountMicros: 1_000_000 }] as const;
    gateway.apply({}, { pace: 'fast', spend: { ...spend, caps } });
    run(gateway, 35, 500);
    expect(gateway.limit()).toBe(10);
    expect(gateway.actions.at(-1)).toMatch(/SpendGuard .* → 10$/);
    const trail = gateway.decisions
      .at(-1)
      ?.trail.map(({ answer }) => answer)
      .join();
    expect(trail).toMatch(/the group spent [\d.]+ EUR of 1\.00 EUR in the last day/);
  });
});

describe('a caller far above its own history', () => {
  const options = { pace: 'fast', anomalyFactor: 10, decay: { kind: 'hold' } } as const;

  function calls(gateway: VirtualGateway, minutes: number, perSecond: number): void {
    const until = gateway.minutes + minutes;
    while (gateway.minutes < until - 1e-9) {
      gateway.happens(gateway.tell(limitMetrics.callerCalls, perSecond, { caller: 'batch' }));
      gateway.second([{ perSecond }]);
    }
  }

  test('holds raises until a person confirms', () => {
    const gateway = new VirtualGateway();
    gateway.apply({}, options);
    calls(gateway, 20, 1);
    calls(gateway, 2, 400);
    expect(gateway.limit()).toBeLessThan(12);
    expect(gateway.reasons).toContain('AnomalyHold');
    gateway.apply({}, options, [{ kind: 'confirm', ...term }]);
    calls(gateway, 5, 400);
    expect(gateway.limit()).toBeGreaterThan(12);
  });

  test('holds them for as long as nobody does: what is held does not become usual', () => {
    const gateway = new VirtualGateway();
    gateway.apply({}, options);
    calls(gateway, 70, 1);
    calls(gateway, 30, 400);
    expect(gateway.limit()).toBeLessThan(12);
    gateway.apply({}, options, [
      { kind: 'confirm', ...term, at: gateway.now, until: after(gateway.now, 2 * hourMs) },
    ]);
    calls(gateway, 100, 400);
    gateway.apply({}, options);
    const confirmed = gateway.limit();
    calls(gateway, 5, 600);
    expect(gateway.limit()).toBeGreaterThan(confirmed);
  });

  test('somebody who was never seen before has no history to be above of', () => {
    const gateway = new VirtualGateway();
    gateway.apply({}, options);
    calls(gateway, 5, 400);
    expect(gateway.limit()).toBeGreaterThan(12);
    expect(gateway.reasons).not.toContain('AnomalyHold');
  });
});

test('a default of less than a tenth of a call a second is kept as it is', () => {
  const rules = account.rules.map((rule) => ({ ...rule, count: 3, renewalPeriodMs: minuteMs }));
  const gateway = new VirtualGateway();
  gateway.apply({ rules, dynamicThrottlingEnabled: false });
  gateway.run(10, { perSecond: 1 });
  expect(gateway.actions).toEqual([]);
  gateway.apply({ rules });
  gateway.run(30, { perSecond: 1 });
  expect(gateway.limit()).toBeGreaterThan(0.1);
  gateway.apply({ rules, dynamicThrottlingEnabled: false });
  gateway.run(31);
  expect(gateway.limit()).toBe(0.05);
});

test("blocked calls that do not say why raise nothing: they may be the backend's own", () => {
  const gateway = new VirtualGateway();
  gateway.apply();
  gateway.run(12, { ...flood, by: 'unsaid' });
  expect(gateway.changes).toEqual([]);
});

test('switched off after failures, the limit does not wait for the back-off', () => {
  let isBroken = false;
  const gateway = new VirtualGateway({ isBroken: () => isBroken });
  gateway.apply({}, { pace: 'fast' });
  gateway.run(10, flood);
  isBroken = true;
  gateway.run(60, flood);
  isBroken = false;
  expect(gateway.limit()).toBeGreaterThan(10);
  gateway.apply({ dynamicThrottlingEnabled: false }, { pace: 'fast' });
  gateway.run(61);
  expect(gateway.limit()).toBe(10);
});

describe('a limit that is taken out while it is raised', () => {
  const rules = ['ocr', 'read'].map((key) => ({ ...account.rules[0]!, key }));
  const fast = { pace: 'fast' } as const;

  function raised(): VirtualGateway {
    const gateway = new VirtualGateway();
    gateway.apply({ rules }, fast);
    gateway.run(10, { ...flood, key: 'ocr' }, { ...flood, key: 'read' });
    expect(gateway.limit('ocr')).toBeGreaterThan(10);
    return gateway;
  }

  test('goes back to its default, and its neighbour stays', () => {
    const gateway = raised();
    const neighbour = gateway.limit('read');
    gateway.apply({ rules: rules.slice(1) }, fast);
    expect(gateway.limit('ocr')).toBe(10);
    expect(gateway.limit('read')).toBe(neighbour);
    expect(gateway.actions.at(-1)).toMatch(/AutoscaleOff [\d.]+ → 10$/);
  });

  test('with its whole account too, and in a way that can be decided again', () => {
    const gateway = raised();
    const content = { kind: 'tombstone' } as const;
    gateway.happens({
      kind: 'setting',
      version: { target: vision, id: vision, version: 2, content },
    });
    expect([gateway.limit('ocr'), gateway.limit('read')]).toEqual([10, 10]);
    for (const decision of gateway.decisions.slice(-2)) {
      expect(decision).toMatchObject(decideAgain(decision, content));
    }
  });

  test('not where the account only moved to another fold', () => {
    const gateway = raised();
    const before = gateway.limit('ocr');
    const content = { kind: 'moved', group: 'g' } as const;
    gateway.happens({
      kind: 'setting',
      version: { target: vision, id: vision, version: 2, content },
    });
    expect(gateway.limit('ocr')).toBe(before);
  });
});

describe('people', () => {
  test.each([
    ['pause', 'Paused'],
    ['freeze', 'Frozen'],
  ] as const)('%s holds', (kind, reason) => {
    const gateway = new VirtualGateway();
    gateway.apply({}, {}, [{ kind, ...term }]);
    gateway.run(30, flood);
    expect(gateway.changes).toEqual([]);
    expect(gateway.reasons).toEqual(new Set([reason]));
  });

  test('a pin sets the limit, between its default and the maximum', () => {
    const gateway = new VirtualGateway();
    gateway.apply({}, {}, [{ kind: 'pin', to: 55.5, ...term }]);
    gateway.run(10, flood);
    expect(gateway.limit()).toBe(55.5);
    gateway.apply({}, {}, [{ kind: 'pin', to: 2, ...term }]);
    gateway.run(11, flood);
    expect(gateway.limit()).toBe(10);
  });

  test('mode observe says once what it would do, not each second', () => {
    const gateway = new VirtualGateway();
    gateway.apply({}, { mode: 'observe' }, [{ kind: 'pin', to: 55, ...term }]);
    gateway.run(5, flood);
    expect(gateway.actions).toEqual(['0.02 Pinned 10 → 55']);
  });

  test('mode observe decides and sets nothing', () => {
    const gateway = new VirtualGateway();
    gateway.apply({}, { mode: 'observe' });
    gateway.run(12, flood);
    expect(gateway.changes).toEqual([]);
    expect(gateway.actions[0]).toBe('5 Throttled 10 → 14.7');
  });
});

test('without a scaler limits hold, and nothing more is decided', () => {
  const gateway = new VirtualGateway({ isScalerDead: true });
  gateway.apply();
  gateway.run(30, flood);
  expect(gateway.limit()).toBe(10);
  expect(gateway.reasons).toContain('InFlight');
});

test('an error in one account holds its limits, and its neighbour goes on', () => {
  const gateway = new VirtualGateway();
  gateway.apply({}, { pace: 'weekly' as 'azure' });
  gateway.apply(other);
  gateway.run(6, flood, { ...flood, on: other.id });
  expect(gateway.limit('default', other.id)).toBe(14.7);
  expect(gateway.limit()).toBe(10);
  expect(gateway.reasons).toContain('Error');
});

describe('several instances of a gateway', () => {
  const key = 'default';

  function second(gateway: VirtualGateway, metric: string, ...totals: readonly number[]): void {
    for (const [place, total] of totals.entries()) {
      gateway.happens(gateway.tell(metric, total, { key, instance: `g${place}`, by: 'Rate' }));
    }
    gateway.second();
  }

  test('count what each of them blocked', () => {
    const gateway = new VirtualGateway();
    gateway.apply();
    second(gateway, limitMetrics.blockedCalls, 7, 7);
    gateway.run(6);
    expect(gateway.decisions.find(({ limit }) => limit?.blocked === 14)).toBeDefined();
  });

  test('together make the demand that a limit does not fall below', () => {
    const gateway = new VirtualGateway();
    const decay = { kind: 'drop', idleMs: minuteMs } as const;
    gateway.apply({}, { pace: 'fast', decay });
    gateway.run(40, flood);
    expect(gateway.limit()).toBeGreaterThan(100);
    while (gateway.minutes < 45) second(gateway, limitMetrics.totalCalls, 30, 30);
    expect(gateway.limit()).toBe(60);
  });
});

describe('whatever comes', () => {
  const minute = fc.record({
    first: fc.integer({ min: 0, max: 1500 }),
    second: fc.integer({ min: 0, max: 1500 }),
    capacity: fc.option(fc.integer({ min: 0, max: 1200 }), { freq: 6 }),
    isOn: fc.option(fc.boolean(), { freq: 20 }),
    restart: fc.boolean(),
  });

  test('limits are between default and maximum, their sum within the backend, and a cut anywhere changes nothing', () => {
    fc.assert(
      fc.property(fc.array(minute, { minLength: 5, maxLength: 40 }), (minutes) => {
        const run = (restarts: boolean): VirtualGateway => {
          const gateway = new VirtualGateway();
          let capacity = 400;
          let isOn = true;
          const apply = (): void => {
            const options = {
              pace: 'fast',
              group: 'g',
              capacity: { kind: 'static', tps: capacity },
            } as const;
            gateway.apply({ dynamicThrottlingEnabled: isOn }, options);
            gateway.apply({ ...other, dynamicThrottlingEnabled: isOn }, options);
          };
          apply();
          for (const step of minutes) {
            if (step.capacity !== null || step.isOn !== null) {
              capacity = step.capacity ?? capacity;
              isOn = step.isOn ?? isOn;
              apply();
            }
            const sum = () => gateway.limit() + gateway.limit('default', other.id);
            const before = sum();
            const calls = [{ perSecond: step.first }, { perSecond: step.second, on: other.id }];
            gateway.run(gateway.minutes + 1, ...calls);
            if (restarts && step.restart) gateway.restart();
            for (const tps of [gateway.limit(), gateway.limit('default', other.id)]) {
              expect(tps).toBeGreaterThanOrEqual(10);
              expect(tps).toBeLessThanOrEqual(policy.maximumTps);
            }
            // What is taken back comes with checks; nothing is raised beyond the backend meanwhile.
            expect(sum()).toBeLessThanOrEqual(Math.max(before, capacity, 20) + 1e-6);
          }
          return gateway;
        };
        const whole = run(false);
        expect(run(true).changes).toEqual(whole.changes);
      }),
      { numRuns: 25 },
    );
  });

  test('no step is the whole way', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 11, max: 5000 }),
        fc.integer({ min: 1, max: 900 }),
        (perSecond, base) => {
          const gateway = new VirtualGateway();
          const rules = account.rules.map((rule) => ({ ...rule, count: base }));
          gateway.apply({ rules }, { growth: 'demand' });
          gateway.run(7, { perSecond });
          const [first] = gateway.changes;
          if (first === undefined) return;
          expect(first.tps - base).toBeLessThanOrEqual(
            Math.max((1000 - base) / 12, base * ((1000 / base) ** (1 / 12) - 1)) + 0.2,
          );
        },
      ),
      { numRuns: 40 },
    );
  });
});
