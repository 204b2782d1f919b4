import { defaultQuotaPoolPolicy, quotaMover, targetId } from '@headroom/core';
import type { CapacityObservation, PooledDeployment, QuotaPool } from '@headroom/core';
import { Random } from '../../reference/random.ts';
import { Broken, ladder, World } from './world.ts';
import type { Answer, Weather } from './world.ts';

/** Steps of one pool; then another one begins. */
const stepsPerRun = 5_000;

export interface Tally {
  steps: number;
  runs: number;
  moves: number;
  applied: number;
  thefts: number;
  quotaExceeded: number;
  failed: number;
  lost: number;
  /** Moves that ended with quota of the donors given back to them. */
  returned: number;
}

/**
 * Pools of random shape under random demand, `steps` looks in all; every third in fine weather, every third without strangers.
 * Throws `Broken`, with the seed of the run, at the first step at which a promise does not hold.
 */
export function simulate(seed: number, steps: number, say?: (line: string) => void): Tally {
  const tally = {
    steps: 0,
    runs: 0,
    moves: 0,
    applied: 0,
    thefts: 0,
    quotaExceeded: 0,
    failed: 0,
    lost: 0,
    returned: 0,
  };
  while (tally.steps < steps) {
    const runSeed = seed + tally.runs;
    const length = Math.min(stepsPerRun, steps - tally.steps);
    try {
      new Run(new Random(runSeed), weathers[tally.runs % 3]!).play(length, tally);
    } catch (error) {
      if (error instanceof Broken) error.message += ` (seed ${runSeed}, run ${tally.runs % 3})`;
      throw error;
    }
    if (++tally.runs % 40 === 0) say?.(`${tally.steps} steps, ${tally.moves} moves`);
  }
  return tally;
}

const weathers: readonly Weather[] = [
  { strangers: false, failures: false },
  { strangers: false, failures: true },
  { strangers: true, failures: true },
];

class Run {
  readonly #random: Random;
  readonly #pool: QuotaPool;
  readonly #world: World;
  readonly #demand = new Map<string, number>();
  #state: quotaMover.PoolState;
  #asked = 0;

  constructor(random: Random, weather: Weather) {
    this.#random = random;
    const deployments = Array.from({ length: random.int(2, 5) }, (_, at) => this.#deployment(at));
    const id = targetId('/subscriptions/s/providers/p/locations/l/usages/made-up');
    this.#pool = { id, name: 'made-up', deployments };
    const first = deployments.map((one) => this.#firstCapacity(one));
    const quota = first.reduce((sum, capacity) => sum + capacity, random.int(0, 40));
    this.#world = new World(id, deployments, quota, weather, random);
    deployments.forEach(({ target }, at) => this.#world.capacities.set(target, first[at]!));
    this.#state = quotaMover.newPool(deployments.map(({ target }) => target));
  }

  play(steps: number, tally: Tally): void {
    for (let step = 0; step < steps; step++) {
      this.#shiftDemand();
      for (const answer of this.#world.pass(this.#random.int(1000, 15_000))) this.#hear(answer);
      this.#look(tally);
      this.#world.check();
    }
    tally.steps += steps;
    const { counts } = this.#world;
    for (const key of ['applied', 'thefts', 'quotaExceeded', 'failed', 'lost'] as const) {
      tally[key] += counts[key];
    }
  }

  #look(tally: Tally): void {
    // The process may die between any two steps: what it goes on with is what was saved.
    if (this.#random.chance(0.02)) {
      this.#state = JSON.parse(JSON.stringify(this.#state)) as quotaMover.PoolState;
    }
    const before = this.#state.move?.phase;
    const found = quotaMover.advance({
      pool: this.#pool,
      policy: defaultQuotaPoolPolicy,
      state: this.#state,
      use: (target) => this.#use(target),
      now: this.#world.now,
      commandId: (_, kind) => `${kind} ${this.#asked++}`,
    });
    this.#state = found.state;
    if (found.began !== undefined) tally.moves++;
    if (before === 'returning' && found.state.move === undefined) tally.returned++;
    for (const ask of found.asks) this.#world.take(ask);
  }

  #hear(answer: Answer): void {
    const { now } = this.#world;
    switch (answer.kind) {
      case 'started': {
        const { commandId, target } = answer;
        const event = { commandId, target: targetId(target), to: 0, at: now };
        this.#state = quotaMover.started(this.#state, event);
        break;
      }
      case 'outcome':
        this.#state = quotaMover.ended(this.#state, answer.outcome, now);
        break;
      case 'observed': {
        const { commandId, target, instances } = answer;
        const observation: CapacityObservation = {
          commandId,
          target: targetId(target),
          ...(instances === undefined ? {} : { instances }),
          detail: '',
          at: now,
        };
        this.#state = quotaMover.observed(this.#state, this.#pool, observation, now);
        break;
      }
    }
  }

  #shiftDemand(): void {
    for (const { target, maximum } of this.#pool.deployments) {
      if (!this.#demand.has(target) || this.#random.chance(0.01)) {
        const busy = this.#random.chance(0.4);
        this.#demand.set(target, this.#random.next() * maximum * (busy ? 1.3 : 0.15));
      }
    }
  }

  #use(target: string): quotaMover.MemberUse | undefined {
    if (this.#random.chance(0.02)) return undefined;
    const capacity = this.#world.capacities.get(target) ?? 0;
    const demand = this.#demand.get(target) ?? 0;
    const used = Math.min(capacity, demand);
    return { throttled: Math.round((demand - used) * 10), served: used * 10, used };
  }

  #deployment(index: number): PooledDeployment {
    const random = this.#random;
    const step = random.pick([1, 1, 5, 10]);
    const minimum = random.pick([1, step]);
    const maximum = minimum + step * random.int(4, 30);
    const all = ladder(minimum, maximum, step);
    const allowedValues = all.filter((_, at) => at === 0 || random.chance(0.3));
    return {
      target: targetId(`/subscriptions/s/accounts/a/deployments/d${index}`),
      guarantee: random.int(0, Math.floor(maximum / 4)),
      maximum,
      priority: random.int(1, 3),
      minimum,
      step,
      ...(random.chance(0.3) ? { allowedValues } : {}),
    };
  }

  /** An allowed one that keeps the guarantee; where there is none, the guarantee itself, set by somebody before. */
  #firstCapacity({ allowedValues, minimum, maximum, step, guarantee }: PooledDeployment): number {
    const all = (allowedValues ?? ladder(minimum, maximum, step)).filter((one) => one >= guarantee);
    return all.length === 0 ? guarantee : this.#random.pick(all);
  }
}
