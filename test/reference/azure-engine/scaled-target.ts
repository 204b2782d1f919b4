import { minuteMs } from '../durations.ts';
import type { Random } from '../random.ts';

export interface Operation {
  readonly from: number;
  readonly to: number;
  readonly startedAt: number;
  readonly endsAt: number;
  readonly fails: boolean;
}

/** Somebody sets the count by hand. */
export interface ManualChange {
  readonly at: number;
  readonly to: number;
}

export interface TargetOptions {
  readonly capacity: number;
  readonly failureChance: number;
  /** Rising in time. */
  readonly manual: readonly ManualChange[];
}

/** Managed endpoints take 2 to 15 minutes to have an instance more, and less to have one less. */
const outMinutes = [2, 15] as const;
const inMinutes = [1, 4] as const;

/** What is scaled: one operation at a time, which takes a while and may fail. Its count is the old one until the end. */
export class ScaledTarget {
  capacity: number;
  operation: Operation | undefined;
  /** Instances in force from each instant on. */
  readonly changes: { readonly at: number; readonly instances: number }[] = [];
  readonly #random: Random;
  readonly #failureChance: number;
  readonly #manual: ManualChange[];

  constructor(random: Random, { capacity, failureChance, manual }: TargetOptions) {
    this.#random = random;
    this.capacity = capacity;
    this.#failureChance = failureChance;
    this.#manual = [...manual];
  }

  scale(to: number, now: number): Operation {
    const [least, most] = to > this.capacity ? outMinutes : inMinutes;
    // Mostly in the lower part, seldom near the end.
    const minutes = least + (most - least) * this.#random.next() ** 2;
    const endsAt = now + Math.round(minutes * minuteMs);
    const fails = this.#random.chance(this.#failureChance);
    this.operation = { from: this.capacity, to, startedAt: now, endsAt, fails };
    return this.operation;
  }

  /** Lets time pass: the operation that ended meanwhile, and the changes by hand, which wait while an operation runs. */
  advance(now: number): { ended?: Operation; manual: readonly ManualChange[] } {
    const ended =
      this.operation !== undefined && this.operation.endsAt <= now ? this.operation : undefined;
    if (ended !== undefined) {
      if (!ended.fails) this.#set(ended.endsAt, ended.to);
      this.operation = undefined;
    }
    const manual: ManualChange[] = [];
    while (this.operation === undefined && (this.#manual[0]?.at ?? Infinity) <= now) {
      const change = this.#manual.shift()!;
      const at = Math.max(change.at, ended?.endsAt ?? 0);
      this.#set(at, change.to);
      manual.push({ at, to: change.to });
    }
    return { ...(ended === undefined ? {} : { ended }), manual };
  }

  #set(at: number, instances: number): void {
    this.capacity = instances;
    this.changes.push({ at, instances });
  }
}
