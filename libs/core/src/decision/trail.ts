import { assert } from '../lang/assert.ts';
import { after } from '../lang/instant.ts';
import type { Instant, Millis } from '../lang/instant.ts';
import type {
  Reason,
  RuleReport,
  TargetState,
  TrailQuestion,
  TrailStep,
  Verdict,
} from './decision.ts';

/** Collects the answers on the way to a verdict. One lives as long as one call of `decide`. */
export class Trail {
  readonly #steps: TrailStep[] = [];
  readonly #profile: string;
  readonly #now: Instant;
  readonly #before: number | undefined;
  #rules: readonly RuleReport[] = [];
  #wantsCapacity = false;
  #dueAt: Instant | undefined;
  #proposed: number | undefined;

  constructor(state: TargetState, profile: string, now: Instant) {
    this.#now = now;
    this.#profile = profile;
    this.#before = state.capacity.kind === 'known' ? state.capacity.instances : undefined;
  }

  note(step: TrailQuestion, answer: string): void {
    this.#steps.push({ step, answer });
  }

  report(rules: readonly RuleReport[]): void {
    this.#rules = rules;
    for (const { reading } of rules) this.due(reading.window.changesAt);
  }

  askCapacity(): this {
    this.#wantsCapacity = true;
    return this;
  }

  /** The answer may change at `at` without new data. */
  due(at: Instant | undefined): this {
    if (at !== undefined && (this.#dueAt === undefined || at < this.#dueAt)) this.#dueAt = at;
    return this;
  }

  dueIn(ms: Millis): this {
    return this.due(after(this.#now, ms));
  }

  /** What the winning rule asked for. */
  propose(count: number): this {
    this.#proposed = count;
    return this;
  }

  hold(reason: Reason): Verdict {
    return this.#verdict('Hold', reason, this.#before);
  }

  act(reason: Reason, to: number): Verdict {
    assert(this.#before !== undefined, 'an action starts from a known capacity');
    this.#proposed ??= to;
    return this.#verdict(to > this.#before ? 'ScaleOut' : 'ScaleIn', reason, to);
  }

  #verdict(outcome: Verdict['outcome'], reason: Reason, to: number | undefined): Verdict {
    return {
      outcome,
      reason,
      profile: this.#profile,
      capacity: {
        ...(this.#before === undefined ? {} : { before: this.#before }),
        ...(this.#proposed === undefined ? {} : { proposed: this.#proposed }),
        ...(to === undefined ? {} : { after: to }),
      },
      rules: this.#rules,
      trail: this.#steps,
      wantsCapacity: this.#wantsCapacity,
      ...(this.#dueAt === undefined ? {} : { dueAt: this.#dueAt }),
    };
  }
}
