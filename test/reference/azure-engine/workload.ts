import type { Random } from '../random.ts';
import type { Measured, MetricDatabase, SeriesName } from './metric-database.ts';

/** What is measured of a workload. `name` without the instance, which is added where each has a series of its own. */
export type Meter =
  /** Busy time of each instance. */
  | { readonly kind: 'cpu'; readonly name: SeriesName; readonly perInstance: boolean }
  /** Follows the busy time slowly, from a floor. */
  | { readonly kind: 'memory'; readonly name: SeriesName }
  /** Grows steeply where instances are nearly busy. */
  | { readonly kind: 'latency'; readonly name: SeriesName; readonly idleMs: number }
  /** Of all instances together; `share` of the whole demand. */
  | {
      readonly kind: 'requests';
      readonly name: SeriesName;
      readonly perBusyInstance: number;
      readonly share: number;
    }
  /** Messages that wait since instances are too few. */
  | { readonly kind: 'queue'; readonly name: SeriesName; readonly perInstance: number };

/** Turns demand and instances into what Azure Monitor holds of a minute. */
export class Workload {
  readonly #random: Random;
  readonly #database: MetricDatabase;
  readonly #meters: readonly Meter[];
  #waiting = 0;
  #memory = 35;

  constructor(random: Random, database: MetricDatabase, meters: readonly Meter[]) {
    this.#random = random;
    this.#database = database;
    this.#meters = meters;
  }

  /** `silent`: it goes on, but nobody measures. */
  pass(minute: number, busy: number, instances: number, silent: boolean): void {
    for (const meter of this.#meters) {
      for (const [name, measured] of this.#measure(meter, busy, instances)) {
        if (!silent) this.#database.series(name).add(minute, measured);
      }
    }
  }

  #measure(meter: Meter, busy: number, instances: number): [SeriesName, Measured][] {
    const { name } = meter;
    const utilisation = instances === 0 ? 1 : busy / instances;
    switch (meter.kind) {
      case 'cpu': {
        const values = Array.from({ length: instances }, () => this.#cpu(utilisation));
        if (!meter.perInstance) return [[name, gathered(values)]];
        return values.map((value, index) => {
          const dimensions = { ...name.dimensions, instanceId: `instance-${index}` };
          return [{ ...name, dimensions }, gathered([value])];
        });
      }
      case 'memory':
        this.#memory += (25 + 50 * Math.min(1, utilisation) - this.#memory) / 20;
        return [[name, gathered([this.#near(this.#memory, 0.01)])]];
      case 'latency': {
        const spare = Math.max(0.05, 1 - utilisation);
        return [[name, gathered([this.#near(meter.idleMs * (1 + 0.3 / spare), 0.05)])]];
      }
      case 'requests':
        return [[name, gathered([Math.round(busy * meter.perBusyInstance * meter.share)])]];
      case 'queue': {
        const more = busy * meter.perInstance - instances * meter.perInstance * 0.9;
        this.#waiting = Math.max(0, this.#waiting + more);
        const moving = Math.round(busy * meter.perInstance * 0.02);
        return [[name, gathered([Math.round(this.#waiting) + moving])]];
      }
    }
  }

  #cpu(utilisation: number): number {
    return Math.min(100, this.#near(2 + 98 * utilisation, 0.04));
  }

  /** To three digits, as metrics are. */
  #near(value: number, spread: number): number {
    const deviation = 1 + spread * (this.#random.next() * 2 - 1);
    return Math.round(value * deviation * 1_000) / 1_000;
  }
}

function gathered(values: readonly number[]): Measured {
  const total = values.reduce((sum, value) => sum + value, 0);
  const [minimum, maximum] = [Math.min(...values), Math.max(...values)];
  return { count: values.length, total, minimum, maximum };
}
