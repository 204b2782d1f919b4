import { describe, expect, test } from '@jest/globals';
import { minuteMs, secondMs } from '@headroom/core';
import { Fleet, Ledger, perSecond } from './fleet.ts';
import { Random } from '../reference/random.ts';

const warmUpMs = 15 * secondMs;
const stepMs = 5;

/** Evenly spaced calls, and such as come at random. */
const arrivals = {
  'evenly spaced': (perStep: number) => {
    let owed = 0;
    return () => {
      owed += perStep;
      const calls = Math.floor(owed);
      owed -= calls;
      return calls;
    };
  },
  random: (perStep: number) => {
    const random = new Random(7);
    let next = 0;
    return () => {
      let calls = 0;
      for (next -= perStep; next <= 0; calls++) next -= Math.log(1 - random.next());
      return calls;
    };
  },
};

describe.each([1, 3])('with %i instances', (instances) => {
  describe.each(Object.entries(arrivals))('calls %s', (_name, arriving) => {
    test.each([
      [10, 2],
      [14.7, 2],
      [100, 1.5],
      [1000, 1.5],
    ])('%d a second pass of %d times as many, within 1 %%', async (tps, times) => {
      const fleet = await new Fleet([perSecond(tps)]).start(instances);
      const passed = new Ledger();
      const arrive = arriving((tps * times * stepMs) / secondMs);
      let turn = 0;
      const flood = (now: typeof fleet.now) => {
        for (let calls = arrive(); calls > 0; calls--) {
          if (fleet.gateways[turn++ % instances]!.passes(now)) passed.add(now);
        }
      };
      await fleet.run(warmUpMs, flood, stepMs);
      const from = fleet.now;
      await fleet.run(minuteMs, flood, stepMs);
      const perMinute = passed.within(from, fleet.now);
      expect(Math.abs(perMinute / (tps * 60) - 1)).toBeLessThan(0.01);
      // What the worst of all windows may have above: a period's worth.
      expect(passed.most(minuteMs)).toBeLessThanOrEqual(tps * 61);
    });
  });
});

test('calls at once pass up to the limit of a period, and the next ones a period later', async () => {
  const fleet = await new Fleet([perSecond(10)]).start();
  const [gateway] = fleet.gateways;
  const burst = () => Array.from({ length: 30 }, () => gateway!.passes(fleet.now)).filter(Boolean);
  expect(burst()).toHaveLength(10);
  await fleet.run(secondMs - 10, () => undefined);
  expect(burst()).toHaveLength(0);
  await fleet.run(10, () => undefined);
  expect(burst()).toHaveLength(10);
  await fleet.run(minuteMs, () => undefined);
  expect(burst()).toHaveLength(10);
});

test('a period of ten seconds counts ten seconds', async () => {
  const fleet = await new Fleet([perSecond(500, 10 * secondMs)]).start();
  const passed = new Ledger();
  const flood = () => {
    while (fleet.gateways[0]!.passes(fleet.now)) passed.add(fleet.now);
  };
  await fleet.run(minuteMs, flood);
  expect(passed.most(10 * secondMs)).toBe(500);
  expect(passed.most(minuteMs)).toBe(3000);
});
