import { minuteMs, secondMs } from './durations.ts';
import type { Happening, OwnAction } from './history.ts';
import type { Outcome } from './plain.ts';

/** Where a target stands after everything that happened to it. */
export interface Standing {
  /** Absent: not known. */
  readonly capacity?: number;
  /** When the capacity was learnt, or learnt to be unknown. */
  readonly learntAt: number;
  /** The command whose outcome is awaited. */
  readonly awaited?: Awaited;
  /** No decision before this, after failures. */
  readonly backoffUntil?: number;
  /** Every action that starts a cooldown, the newest last. */
  readonly actions: readonly CountedAction[];
}

export interface Awaited {
  readonly action: OwnAction;
  readonly started: boolean;
}

/** Somebody has two minutes to start a command, and half a minute of grace. */
const startWithinMs = 2 * minuteMs + 30 * secondMs;

export function nobodyStarted({ action, started }: Awaited, now: number): boolean {
  return !started && now >= action.at + startWithinMs;
}

/** The cooldown is known of our own actions only, the direction of others where the capacity was known. */
export interface CountedAction {
  readonly at: number;
  readonly direction?: 'out' | 'in';
  readonly cooldownMs?: number;
}

const failures = ['Failed', 'QuotaExceeded', 'CapacityUnavailable', 'Rejected', 'DeadLettered'];

/** Goes through everything that happened, from the beginning. */
export function standingAfter(happenings: readonly Happening[]): Standing {
  const walk = new Walk();
  for (const happening of happenings) walk.meet(happening);
  return walk.standing();
}

class Walk {
  #capacity: number | undefined;
  #learntAt = -Infinity;
  #awaited: Awaited | undefined;
  #failuresInARow = 0;
  #backoffUntil: number | undefined;
  #newestEnded = -1;
  readonly #actions: CountedAction[] = [];

  meet(happening: Happening): void {
    switch (happening.kind) {
      case 'decided':
        if (happening.commandId === undefined) this.#actions.push(happening);
        else this.#awaited = { action: happening, started: false };
        break;
      case 'started':
        if (this.#awaited?.action.commandId === happening.commandId) {
          this.#awaited = { ...this.#awaited, started: true };
        }
        break;
      case 'outcome':
        if (!this.#isRepetition(happening.outcome)) this.#end(happening.outcome, happening.at);
        break;
      case 'capacity':
        this.#learn(happening.instances, happening.at);
        if (this.#awaited !== undefined && nobodyStarted(this.#awaited, happening.at)) {
          this.#awaited = undefined;
        }
        break;
    }
  }

  standing(): Standing {
    return {
      learntAt: this.#learntAt,
      actions: this.#actions.toSorted((a, b) => a.at - b.at),
      ...(this.#capacity === undefined ? {} : { capacity: this.#capacity }),
      ...(this.#awaited === undefined ? {} : { awaited: this.#awaited }),
      ...(this.#backoffUntil === undefined ? {} : { backoffUntil: this.#backoffUntil }),
    };
  }

  /** An outcome of a command that is not newer than one that ended says nothing about the present. */
  #isRepetition({ source }: Outcome): boolean {
    if (source.kind !== 'log') return false;
    if (source.position.sequence <= this.#newestEnded) return true;
    this.#newestEnded = source.position.sequence;
    return false;
  }

  /** The cooldown counts from the decision; where that is not ours, or was given up, from the outcome. */
  #end(outcome: Outcome, at: number): void {
    const awaited =
      this.#awaited?.action.commandId === outcome.commandId ? this.#awaited.action : undefined;
    if (outcome.reachedProvider) this.#actions.push(awaited ?? this.#foreign(outcome, at));
    this.#learn(outcome.capacity, at);
    if (awaited === undefined) return;
    this.#awaited = undefined;
    if (outcome.kind === 'Applied') {
      this.#failuresInARow = 0;
      this.#backoffUntil = undefined;
    }
    if (failures.includes(outcome.kind)) {
      this.#failuresInARow++;
      const waitMs = Math.min(5 * secondMs * 2 ** (this.#failuresInARow - 1), 15 * minuteMs);
      this.#backoffUntil = at + waitMs;
    }
  }

  #foreign({ to }: Outcome, at: number): CountedAction {
    if (this.#capacity === undefined || this.#capacity === to) return { at };
    return { at, direction: to > this.#capacity ? 'out' : 'in' };
  }

  #learn(instances: number | undefined, at: number): void {
    this.#capacity = instances;
    this.#learntAt = at;
  }
}
