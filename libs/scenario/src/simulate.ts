import type { Decision, Instant } from '@headroom/core';
import { Simulation } from './simulation.ts';
import type { SimulationSetup, SimulationStep } from './simulation.ts';

/** A whole run, in a size that does not grow with its length: what went on unchanged is counted, not kept. */
export interface Run {
  /** Actions and changes of (outcome, reason, profile), in order. */
  readonly decisions: readonly Decision[];
  /** Instances in force from each instant on. */
  readonly capacities: readonly CapacityChangeAt[];
  readonly evaluations: number;
}

export interface CapacityChangeAt {
  readonly at: Instant;
  readonly instances: number;
}

/** Runs a setting over what arrives until `until`, and on to the end of an operation that runs then. */
export function simulate(setup: SimulationSetup, until: Instant): Run {
  const decisions: Decision[] = [];
  const capacities: CapacityChangeAt[] = [{ at: setup.start, instances: setup.capacity }];
  let evaluations = 0;
  let last: Decision | undefined;
  const simulation = new Simulation(setup, (step: SimulationStep) => {
    if (step.kind === 'evaluation') {
      const { decision } = step;
      evaluations++;
      if (decision.outcome !== 'Hold' || !sameFinding(last, decision)) decisions.push(decision);
      last = decision;
    }
    const { capacity } = simulation;
    if (capacities.at(-1)?.instances === capacity) return;
    capacities.push({ at: step.at, instances: capacity });
  });
  simulation.finishAt(until);
  return { decisions, capacities, evaluations };
}

function sameFinding(last: Decision | undefined, decision: Decision): boolean {
  return (
    last?.outcome === decision.outcome &&
    last.reason === decision.reason &&
    last.profile === decision.profile
  );
}
