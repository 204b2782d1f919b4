import { describe, expect, test } from '@jest/globals';
import { minuteMs, secondMs } from '@headroom/core';
import { Fleet, Ledger, perSecond } from './fleet.ts';

const warmUpMs = 15 * secondMs;

describe.each([1, 3])('with %i instances', (instances) => {
  test.each([10, 14.7, 100, 1000])(
    'lets %d calls a second through, within 1 %%, and no window has more',
    async (tps) => {
      const fleet = await new Fleet([perSecond(tps)]).start(instances);
      const passed = new Ledger();
      const stepMs = 10;
      // Three times what is allowed, spread over the instances.
      const everySteps = (tps * 3 * stepMs) / secondMs;
      let owed = 0;
      let turn = 0;
      const flood = (now: typeof fleet.now) => {
        for (owed += everySteps; owed >= 1; owed--) {
          const gateway = fleet.gateways[turn++ % instances]!;
          if (gateway.passes(now)) passed.add(now);
        }
      };
      await fleet.run(warmUpMs, flood, stepMs);
      const from = fleet.now;
      await fleet.run(minuteMs, flood, stepMs);
      const perMinute = passed.within(from, fleet.now);
      expect(perMinute).toBeGreaterThanOrEqual(tps * 60 * 0.99);
      expect(perMinute).toBeLessThanOrEqual(tps * 60 + 1);
      expect(passed.most(secondMs)).toBeLessThanOrEqual(Math.ceil(tps));
    },
  );
});
