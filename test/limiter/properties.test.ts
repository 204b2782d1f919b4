import { expect, test } from '@jest/globals';
import { hourMs, secondMs } from '@headroom/core';
import type { Instant } from '@headroom/core';
import fc from 'fast-check';
import { Fleet, Ledger, perSecond, policy } from './fleet.ts';

const tps = 50;
const atMost = 4;

/** What happens at the beginning of a stretch of time, to the gateway whose turn it is. */
const events = fc.oneof(
  { weight: 4, arbitrary: fc.constant('nothing' as const) },
  fc.constantFrom(
    ...([
      'kill',
      'end',
      'start',
      'store away',
      'store back',
      'answers lost',
      'clock back',
    ] as const),
  ),
);

const stretches = fc.array(
  fc.record({
    event: events,
    turn: fc.nat(9),
    seconds: fc.integer({ min: 1, max: 8 }),
    /** Calls a second at each gateway in turn. */
    load: fc.array(fc.constantFrom(0, 5, 20, 100), { minLength: 1, maxLength: 4 }),
  }),
  { minLength: 3, maxLength: 15 },
);
type Stretch = typeof stretches extends fc.Arbitrary<readonly (infer One)[]> ? One : never;

async function happen(fleet: Fleet, { event, turn }: Stretch): Promise<void> {
  const gateway = fleet.alive[turn % Math.max(1, fleet.alive.length)];
  switch (event) {
    case 'nothing':
      return;
    case 'kill':
      if (gateway !== undefined) gateway.isAlive = false;
      return;
    case 'end':
      return gateway?.release(fleet.now);
    case 'start':
      if (fleet.alive.length < atMost) await fleet.start();
      return;
    case 'store away':
    case 'store back':
      fleet.shares.isAway = event === 'store away';
      return;
    case 'answers lost': {
      let request = turn;
      fleet.shares.fault = () => (request++ % 3 === 0 ? 'after' : 'none');
      return;
    }
    case 'clock back':
      if (gateway !== undefined) gateway.clockOffMs -= turn * 2 * secondMs;
      return;
  }
}

test('whoever dies, ends, starts or loses the store: the sum is never above the limit', async () => {
  await fc.assert(
    fc.asyncProperty(stretches, async (all) => {
      const fleet = await new Fleet([perSecond(tps)], policy()).start(2);
      const passed = new Ledger();
      for (const stretch of all) {
        await happen(fleet, stretch);
        let owed = 0;
        const work = (now: Instant) => {
          owed += 0.05;
          fleet.alive.forEach((gateway, index) => {
            const calls = stretch.load[index % stretch.load.length]! * owed;
            for (let left = calls; left >= 1; left--) if (gateway.passes(now)) passed.add(now);
          });
          if (owed >= 0.2) owed = 0;
        };
        await fleet.run(stretch.seconds * secondMs, work, 50);
      }
      // In any time: what is allowed in it, and a period's worth.
      for (const seconds of [1, 5, 30]) {
        expect(passed.most(seconds * secondMs)).toBeLessThanOrEqual(tps * (seconds + 1));
      }
      // And once all is well again the limit is given out.
      fleet.shares.isAway = false;
      fleet.shares.fault = () => 'none';
      if (fleet.alive.length === 0) await fleet.start();
      await fleet.run(
        30 * secondMs,
        () => fleet.alive.forEach((gateway) => gateway.call(fleet.now)),
        100,
      );
      const after = new Ledger();
      await fleet.run(
        5 * secondMs,
        (now) => {
          for (const gateway of fleet.alive) {
            for (let calls = 0; calls < 6; calls++) if (gateway.passes(now)) after.add(now);
          }
        },
        50,
      );
      expect(after.within(0 as Instant, (fleet.now + hourMs) as Instant)).toBeGreaterThan(
        tps * 5 * 0.97,
      );
    }),
    { numRuns: 40 },
  );
});
