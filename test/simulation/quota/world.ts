import { instant, targetId } from '@headroom/core';
import type { quotaMover, Instant, Outcome, OutcomeKind, PooledDeployment } from '@headroom/core';
import type { Random } from '../../reference/random.ts';

type ScaleAsk = Extract<quotaMover.Ask, { readonly kind: 'scale' }>;

/** What may go wrong in a run. */
export interface Weather {
  /** Others take and give back quota at any time, and people change capacities. */
  readonly strangers: boolean;
  /** Commands get lost, fail, end without telling the capacity. */
  readonly failures: boolean;
}

/** What the world answers to the mover, when its time has come. */
export type Answer =
  | { readonly kind: 'started'; readonly commandId: string; readonly target: string }
  | { readonly kind: 'outcome'; readonly outcome: Outcome }
  | {
      readonly kind: 'observed';
      readonly commandId: string;
      readonly target: string;
      readonly instances?: number;
    };

interface Errand {
  readonly at: number;
  readonly run: () => Answer | undefined;
}

export class Broken extends Error {
  override readonly name = 'Broken';
}

/**
 * A subscription's quota and the deployments that draw on it, with an ARM that is slow and, in bad weather, fails. It throws
 * `Broken` as soon as a command is one that the mover must not give.
 */
export class World {
  readonly capacities = new Map<string, number>();
  readonly counts = { applied: 0, quotaExceeded: 0, thefts: 0, lost: 0, failed: 0 };
  now: Instant = instant(0);
  stolen = 0;
  readonly #poolId: string;
  readonly #deployments: readonly PooledDeployment[];
  readonly #quota: number;
  readonly #weather: Weather;
  readonly #random: Random;
  #errands: Errand[] = [];

  constructor(
    poolId: string,
    deployments: readonly PooledDeployment[],
    quota: number,
    weather: Weather,
    random: Random,
  ) {
    this.#poolId = poolId;
    this.#deployments = deployments;
    this.#quota = quota;
    this.#weather = weather;
    this.#random = random;
  }

  get free(): number {
    let sum = this.stolen;
    for (const capacity of this.capacities.values()) sum += capacity;
    return this.#quota - sum;
  }

  /** Time goes on; the answers that came meanwhile, in their order. */
  pass(ms: number): readonly Answer[] {
    this.now = instant(this.now + ms);
    if (this.#weather.strangers) this.#strangers();
    const due = this.#errands.filter(({ at }) => at <= this.now).sort((a, b) => a.at - b.at);
    if (due.length > 0) this.#errands = this.#errands.filter(({ at }) => at > this.now);
    return due.flatMap(({ run }) => run() ?? []);
  }

  take(ask: quotaMover.Ask): void {
    switch (ask.kind) {
      case 'readFree':
        this.#read(ask.commandId, this.#poolId, () => this.free);
        break;
      case 'read':
        this.#read(ask.commandId, ask.target, () => this.capacities.get(ask.target) ?? 0);
        break;
      case 'scale':
        this.#checkCommand(ask);
        this.#scale(ask);
        break;
    }
  }

  /** What ARM holds by itself, and what the mover has to. */
  check(): void {
    if (this.free < 0) throw new Broken(`the sum exceeds the quota by ${-this.free}`);
    for (const { target, guarantee } of this.#deployments) {
      if ((this.capacities.get(target) ?? 0) < guarantee) throw new Broken(`${target}: guarantee`);
    }
  }

  #checkCommand({ change: { target, from, to } }: ScaleAsk): void {
    const deployment = this.#deployments.find((one) => one.target === target);
    if (deployment === undefined) throw new Broken(`${target} is not of the pool`);
    const { guarantee, maximum, minimum, step, allowedValues } = deployment;
    if (to < from && to < guarantee) throw new Broken(`${target}: ${to} below the guarantee`);
    if (to > from && to > maximum) throw new Broken(`${target}: ${to} above the maximum`);
    const allowed = allowedValues?.includes(to) ?? (to >= minimum && (to - minimum) % step === 0);
    if (!allowed) throw new Broken(`${target}: ${to} is not allowed`);
  }

  #read(commandId: string, target: string, value: () => number): void {
    if (this.#fails(0.1)) return;
    const readAt = this.#later(3000);
    this.#errands.push({
      at: readAt,
      run: () => {
        const answer = { kind: 'observed', commandId, target } as const;
        const known = this.#fails(0.03) ? answer : { ...answer, instances: value() };
        this.#errands.push({ at: this.#later(3000), run: () => known });
        return undefined;
      },
    });
  }

  #scale({ commandId, change, startBy }: ScaleAsk): void {
    if (this.#fails(0.03)) {
      this.counts.lost++;
      return;
    }
    const at = this.#later(this.#random.chance(0.05) ? 200_000 : 10_000);
    const { target, to } = change;
    this.#errands.push({
      at,
      run: () => {
        if (this.now > startBy) return this.#outcome(commandId, target, to, 'Expired');
        this.#errands.push({ at: this.#later(20_000), run: () => this.#apply(commandId, change) });
        return { kind: 'started', commandId, target };
      },
    });
  }

  #apply(commandId: string, { target, from, to }: quotaMover.Change): Answer {
    const capacity = this.capacities.get(target) ?? 0;
    if (capacity !== from) return this.#outcome(commandId, target, to, 'Superseded');
    if (this.#fails(0.05)) {
      this.counts.failed++;
      const kinds = ['Failed', 'Rejected', 'CapacityUnavailable'] as const;
      return this.#outcome(commandId, target, to, this.#random.pick(kinds));
    }
    if (to - capacity > this.free) {
      this.counts.quotaExceeded++;
      if (!this.#weather.strangers) throw new Broken(`${target}: ${to} is more than there is`);
      return this.#outcome(commandId, target, to, 'QuotaExceeded');
    }
    this.capacities.set(target, to);
    this.counts.applied++;
    return this.#outcome(commandId, target, to, 'Applied');
  }

  #outcome(commandId: string, target: string, to: number, kind: OutcomeKind): Answer {
    const capacity = this.capacities.get(target) ?? 0;
    const outcome: Outcome = {
      id: `outcome of ${commandId}`,
      commandId,
      target: targetId(target),
      kind,
      to,
      ...(this.#fails(0.05) ? {} : { capacity }),
      reachedProvider: kind !== 'Expired',
      detail: '',
      at: this.now,
      source: { kind: 'external', sender: 'simulation' },
    };
    return { kind: 'outcome', outcome };
  }

  #strangers(): void {
    if (this.#random.chance(0.05) && this.free > 0) {
      this.counts.thefts++;
      this.stolen += this.#random.int(1, this.free);
    }
    if (this.#random.chance(0.02)) this.stolen = this.#random.int(0, this.stolen);
    if (this.#random.chance(0.002)) this.#person();
  }

  /** Somebody sets a capacity by hand, to something that the model allows. */
  #person(): void {
    const { target, guarantee, maximum, allowedValues, minimum, step } = this.#random.pick(
      this.#deployments,
    );
    const capacity = this.capacities.get(target) ?? 0;
    const all = allowedValues ?? ladder(minimum, Math.min(maximum, capacity + this.free), step);
    const most = capacity + this.free;
    const possible = all.filter((value) => value >= guarantee && value <= most);
    if (possible.length > 0) this.capacities.set(target, this.#random.pick(possible));
  }

  #fails(probability: number): boolean {
    return this.#weather.failures && this.#random.chance(probability);
  }

  #later(mostMs: number): number {
    return this.now + this.#random.int(1, mostMs);
  }
}

export function ladder(minimum: number, maximum: number, step: number): readonly number[] {
  const length = Math.max(0, Math.floor((maximum - minimum) / step) + 1);
  return Array.from({ length }, (_, index) => minimum + index * step);
}
