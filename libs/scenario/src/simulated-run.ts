import { limitTarget } from '@headroom/core';
import type { Decision, Instant } from '@headroom/core';
import { arrivalsOf } from './arrivals.ts';
import { LimitSimulation } from './limit-simulation.ts';
import type { Expectation, LimitTest, ScaleTest, SettingTest } from './scale-test.ts';
import { Simulation } from './simulation.ts';
import type { SimulationStep } from './simulation.ts';

/** A test's own log, as far as it was run. */
export interface SimulatedRun {
  advanceTo(until: Instant): void;
  /** And on to the end of an operation that runs then. */
  finishAt(until: Instant): void;
  /** What an expectation is compared with. */
  seen(expectation: Expectation): Seen;
}

export interface Seen {
  /** The last evaluation of what it is about. */
  readonly last: Decision | undefined;
  /** In force. */
  readonly capacity: number;
}

/** Gets each step, with the capacity in force of what it is about. */
export type Watch = (step: SimulationStep, capacity: number) => void;

export function simulatedRun(test: ScaleTest, watch: Watch): SimulatedRun {
  return test.kind === 'setting' ? settingRun(test, watch) : limitRun(test, watch);
}

function settingRun(test: SettingTest, watch: Watch): SimulatedRun {
  const simulation = new Simulation({ ...test, arrivals: arrivalsOf(test) }, (step) => {
    watch(step, simulation.capacity);
  });
  return {
    advanceTo: (until) => simulation.advanceTo(until),
    finishAt: (until) => simulation.finishAt(until),
    seen: () => ({ last: simulation.last, capacity: simulation.capacity }),
  };
}

function limitRun(test: LimitTest, watch: Watch): SimulatedRun {
  const { account } = test;
  const targetOf = (key = account.rules[0]?.key ?? '') => limitTarget(account.id, key);
  const simulation = new LimitSimulation({ ...test, arrivals: arrivalsOf(test) }, (step) => {
    const target = step.kind === 'evaluation' ? step.decision.target : targetOf();
    watch(step, simulation.limit(target));
  });
  return {
    advanceTo: (until) => simulation.advanceTo(until),
    finishAt: (until) => simulation.advanceTo(until),
    seen: ({ key }) => {
      const target = targetOf(key);
      return { last: simulation.last(target), capacity: simulation.limit(target) };
    },
  };
}
