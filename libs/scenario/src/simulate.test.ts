import { describe, expect, test } from '@jest/globals';
import { after, defaultPolicy, instant, minuteMs, secondMs } from '@headroom/core';
import type { Instant } from '@headroom/core';
import { setting, target } from './scale-test.fixture.ts';
import { simulate } from './simulate.ts';
import { Simulation } from './simulation.ts';
import type { Arrival, SimulationSetup } from './simulation.ts';

const start = instant(Date.UTC(2026, 0, 5));

function* load(values: readonly number[]): Generator<Arrival> {
  for (const [minute, value] of values.entries()) {
    const series = { resource: target, metric: 'cpu', dimensions: [] };
    const time = after(start, minute * minuteMs);
    const amounts = { count: 1, total: value, minimum: value, maximum: value };
    const sample = { series, time, grainMs: minuteMs, ...amounts };
    const at = after(time, minuteMs);
    yield { at, samples: [{ sample, path: 'push' }], interventions: [] };
  }
}

function setupOf(values: readonly number[]): SimulationSetup {
  const policy = defaultPolicy;
  return { setting, policy, capacity: 2, start, scaling: 30 * secondMs, arrivals: load(values) };
}

const minutes = (count: number): Instant => after(start, count * minuteMs);

describe('a simulation', () => {
  test('tells actions, changes and capacities, however long it takes', () => {
    const values = [...Array<number>(6).fill(80), ...Array<number>(54).fill(50)];
    const run = simulate(setupOf(values), minutes(60));
    expect(run.capacities).toEqual([
      { at: start, instances: 2 },
      { at: after(minutes(5), 30 * secondMs), instances: 4 },
    ]);
    expect(run.decisions.map(({ at, reason }) => [(at - start) / minuteMs, reason])).toEqual([
      [0, 'Warming'],
      [5, 'ScaleOutRule'],
      [5.5, 'Cooldown'],
      [7, 'NotTriggered'],
    ]);
    expect(run.evaluations).toBeGreaterThanOrEqual(60);
  });

  test('ends with the operation that runs at its end', () => {
    const { capacities } = simulate(setupOf([80, 80, 80, 80, 80]), minutes(5));
    expect(capacities.at(-1)).toEqual({ at: after(minutes(5), 30 * secondMs), instances: 4 });
  });

  test('goes step by step to where it is looked at', () => {
    const simulation = new Simulation(setupOf([80, 80, 80, 80, 80]));
    simulation.advanceTo(minutes(5));
    expect(simulation.last?.reason).toBe('ScaleOutRule');
    expect(simulation.capacity).toBe(2);
    simulation.advanceTo(after(minutes(5), 30 * secondMs));
    expect(simulation.capacity).toBe(4);
  });

  test('refuses arrivals that do not rise in time', () => {
    const [first] = [...load([1])];
    const simulation = new Simulation({ ...setupOf([]), arrivals: [first!, first!] });
    expect(() => simulation.advanceTo(minutes(2))).toThrow('arrivals rise in time');
  });
});
