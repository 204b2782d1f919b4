import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { defaultPolicy, minuteMs } from '@headroom/core';
import { backtestOwn, ownDifferenceMost } from './backtest.ts';
import { instanceHours } from './capacity-curve.ts';
import { historyOf, settingOf } from './recorded-world.fixture.ts';
import type { World } from './recorded-world.fixture.ts';

/** Half a day. */
const minutes = 12 * 60;

const worlds: fc.Arbitrary<World> = fc
  .record({
    above: fc.integer({ min: 55, max: 85 }),
    below: fc.integer({ min: 15, max: 40 }),
    by: fc.integer({ min: 1, max: 3 }),
    windowMs: fc.constantFrom(5, 10, 15).map((one) => one * minuteMs),
    cooldownMs: fc.constantFrom(5, 10, 20).map((one) => one * minuteMs),
    maximum: fc.integer({ min: 6, max: 20 }),
    lagMs: fc.constantFrom(0, 1, 3).map((one) => one * minuteMs),
    provisioningMs: fc.constantFrom(1, 4, 12).map((one) => one * minuteMs),
    base: fc.integer({ min: 50, max: 300 }),
    swing: fc.integer({ min: 0, max: 500 }),
    periodMinutes: fc.constantFrom(90, 360, 1440),
    noise: fc.constantFrom(0, 0.05, 0.2),
    burst: fc.integer({ min: 0, max: 600 }),
    seed: fc.nat(),
  })
  .map((drawn) => {
    const { above, below, by, windowMs, cooldownMs, lagMs, provisioningMs } = drawn;
    const common = { by, windowMs, cooldownMs };
    const rules = [
      { above, ...common },
      { below, ...common },
    ];
    const setting = settingOf(rules, [1, drawn.maximum]);
    return { setting, demand: demandOf(drawn), capacity: 3, lagMs, provisioningMs };
  });

/** A wave, noise, and two hours in which more is asked for. */
function demandOf(drawn: {
  base: number;
  swing: number;
  periodMinutes: number;
  noise: number;
  burst: number;
  seed: number;
}): readonly number[] {
  let state = drawn.seed;
  const random = () => (state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0) / 2 ** 32;
  const burstAt = Math.floor(random() * (minutes - 120));
  return Array.from({ length: minutes }, (_, minute) => {
    const wave = (1 + Math.sin((2 * Math.PI * minute) / drawn.periodMinutes)) / 2;
    const burst = minute >= burstAt && minute < burstAt + 120 ? drawn.burst : 0;
    const noise = 1 + drawn.noise * (2 * random() - 1);
    return (drawn.base + drawn.swing * wave + burst) * noise;
  });
}

describe('the setting on record over its own history', () => {
  test('comes out at the instance-hours on record, or is refused with the reason', () => {
    const refused: string[] = [];
    let run = 0;
    fc.assert(
      fc.property(worlds, (world) => {
        const history = historyOf(world);
        const result = backtestOwn(history, defaultPolicy);
        if (result.kind === 'refused') {
          expect(result.why).toMatch(/instance-hours where .* are on record/);
          refused.push(result.why);
          return;
        }
        run++;
        const recorded = instanceHours(history.capacities, history.from, history.to);
        const difference = Math.abs(result.run.figures.instanceHours / recorded - 1);
        expect(difference).toBeLessThanOrEqual(ownDifferenceMost);
      }),
      { numRuns: 12 },
    );
    // A test of nothing but refusals would say nothing.
    expect(run).toBeGreaterThan(refused.length);
  });
});
