import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { after, defaultPolicy, instant, minuteMs, secondMs } from '@headroom/core';
import type { AutoscaleSetting, Instant, Override, Policy, Rule } from '@headroom/core';
import { setting, target } from './scale-test.fixture.ts';
import { Simulation } from './simulation.ts';
import type { Arrival, SimulationSetup, SimulationStep } from './simulation.ts';

const start = instant(Date.UTC(2026, 0, 5, 23, 30));

/** Half an hour into it a profile of Tuesdays begins. */
const nightly: AutoscaleSetting['profiles'][number] = {
  name: 'tuesday',
  capacity: { minimum: 3, maximum: 6, default: 3 },
  rules: [],
  schedule: { kind: 'recurrence', timeZone: 'UTC', days: [2], hour: 0, minute: 0 },
};

const value = fc.constantFrom(10, 20, 50, 74, 76, 90);

/** What comes in a minute: mostly one sample of the minute before, now and then nothing, late, or a hand at the count. */
const minute = fc.record({
  value: fc.option(value, { freq: 8 }),
  lateMs: fc.constantFrom(0, 0, 0, 1_500, 20 * secondMs, 3 * minuteMs),
  hand: fc.option(fc.constantFrom('capacity', 'pause', 'pin'), { freq: 20 }),
});

const setups = fc.record({
  minutes: fc.array(minute, { minLength: 1, maxLength: 90 }),
  path: fc.constantFrom('push', 'poll', 'export'),
  scaling: fc.constantFrom(0, 1, 30 * secondMs, 95_500, 20 * minuteMs, 'fail' as const),
  windowMs: fc.constantFrom(minuteMs, 5 * minuteMs, 12 * minuteMs),
  cooldownMs: fc.constantFrom(minuteMs, 7 * minuteMs + 500),
  use: fc.constantFrom<Policy['missingData']['out']>(
    { kind: 'default' },
    { kind: 'lastGood', ttlMs: 7 * minuteMs },
    { kind: 'failUp' },
  ),
  switches: fc.boolean(),
  beginsAtMs: fc.constantFrom(0, 1, 250, 999),
});

type Drawn = typeof setups extends fc.Arbitrary<infer One> ? One : never;

describe('seconds in which nothing is due', () => {
  test('are passed over: the same steps, with the same ids, as with a message each second', () => {
    fc.assert(
      fc.property(setups, (drawn) => {
        const { setup, until } = setupOf(drawn);
        const ticking = {
          ...setup,
          arrivals: everySecond([...setup.arrivals], setup.start, until),
        };
        expect(stepsOf(setup, until)).toEqual(stepsOf(ticking, until));
      }),
      { numRuns: 60 },
    );
  });
});

function stepsOf(setup: SimulationSetup, until: Instant): readonly SimulationStep[] {
  const steps: SimulationStep[] = [];
  const simulation = new Simulation(setup, (step) => {
    if (step.kind !== 'arrival') steps.push(step);
  });
  // In pieces: looking at it between two instants must not matter either.
  simulation.advanceTo(after(setup.start, 1_234_567));
  simulation.finishAt(until);
  return steps;
}

function setupOf(drawn: Drawn): { setup: SimulationSetup; until: Instant } {
  const { minutes, scaling } = drawn;
  const begin = after(start, drawn.beginsAtMs);
  const use = drawn.use;
  const policy = { ...defaultPolicy, missingData: { out: use, in: use, rules: [] } };
  const setup = { setting: settingOf(drawn), policy, capacity: 2, start: begin, scaling };
  const until = after(begin, (minutes.length + 20) * minuteMs);
  return { setup: { ...setup, arrivals: arrivalsOf(drawn, begin) }, until };
}

function settingOf({ windowMs, cooldownMs, switches }: Drawn): AutoscaleSetting {
  const changed = ({ trigger, action }: Rule): Rule => ({
    trigger: { ...trigger, timeWindowMs: windowMs },
    action: { ...action, cooldownMs },
  });
  const profiles = setting.profiles.map((one) => ({ ...one, rules: one.rules.map(changed) }));
  return { ...setting, profiles: switches ? [...profiles, nightly] : profiles };
}

function arrivalsOf({ minutes, path }: Drawn, begin: Instant): readonly Arrival[] {
  const byTime = new Map<Instant, Arrival>();
  for (const [place, { value: amount, lateMs, hand }] of minutes.entries()) {
    const time = after(begin, place * minuteMs);
    const at = after(time, minuteMs + lateMs);
    const before = byTime.get(at) ?? { at, samples: [], interventions: [] };
    const interventions = hand === null ? [] : [interventionOf(hand, at)];
    const samples = amount === null ? [] : [{ sample: sampleOf(time, amount), path }];
    byTime.set(at, {
      at,
      samples: [...before.samples, ...samples],
      interventions: [...before.interventions, ...interventions],
    });
  }
  return [...byTime.values()].sort((a, b) => a.at - b.at);
}

function sampleOf(time: Instant, amount: number) {
  const series = { resource: target, metric: 'cpu', dimensions: [] };
  const amounts = { count: 1, total: amount, minimum: amount, maximum: amount };
  return { series, time, grainMs: minuteMs, ...amounts };
}

function interventionOf(hand: 'capacity' | 'pause' | 'pin', at: Instant) {
  if (hand === 'capacity') return { kind: 'capacity', instances: 5 } as const;
  const common = { at, until: after(at, 6 * minuteMs + 250), owner: 'ann', reason: 'test' };
  const override: Override =
    hand === 'pin' ? { kind: 'pin', to: 4, ...common } : { kind: 'pause', ...common };
  return { kind: 'override', override } as const;
}

/** A message on each tick: an empty one where nothing comes then. */
function everySecond(arrivals: readonly Arrival[], begin: Instant, until: Instant): Arrival[] {
  const all = new Map(arrivals.map((arrival) => [arrival.at, arrival]));
  const last = after(until, 30 * minuteMs);
  for (let at = begin; at <= last; at = after(at, secondMs)) {
    if (!all.has(at)) all.set(at, { at, samples: [], interventions: [] });
  }
  return [...all.values()].sort((a, b) => a.at - b.at);
}
