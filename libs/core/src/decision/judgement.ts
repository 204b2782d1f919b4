import { assert } from '../lang/assert.ts';
import { after } from '../lang/instant.ts';
import type { Instant, Millis } from '../lang/instant.ts';
import type { ActiveProfile } from '../setting/active-profile.ts';
import type {
  DecisionOutcome,
  TargetState,
  TrailQuestion,
  TrailStep,
  Verdict,
} from './decision.ts';
import type { Reason } from './reasons.ts';
import type { LimitFacts } from './limit-facts.ts';
import type { QuotaFacts } from './quota-facts.ts';
import type { RuleView } from './rule-view.ts';

/**
 * The answers on the way to a verdict, and the verdict. Most evaluations find what was found before and are not recorded:
 * those are made without words, and without a `verdict()`.
 */
export class Judgement {
  readonly now: Instant;
  readonly active: ActiveProfile | undefined;
  readonly before: number | undefined;
  outcome: DecisionOutcome = 'Hold';
  reason: Reason = 'Error';
  after: number | undefined;
  proposed: number | undefined;
  /** Index of the rule whose result won. */
  winner: number | undefined;
  wantsCapacity = false;
  dueAt: Instant | undefined;
  rules: readonly RuleView[] = [];
  /** Only of limits. */
  limit: LimitFacts | undefined;
  /** Only of quota pools. */
  quota: QuotaFacts | undefined;
  readonly #trail: TrailStep[] | undefined;

  /** `inWords`: whether a trail is kept. Nothing else depends on it. */
  constructor(
    state: TargetState,
    active: ActiveProfile | undefined,
    now: Instant,
    inWords: boolean,
  ) {
    this.#trail = inWords ? [] : undefined;
    this.now = now;
    this.active = active;
    this.before = state.capacity.kind === 'known' ? state.capacity.instances : undefined;
  }

  get profile(): string | undefined {
    return this.active?.profile.name;
  }

  /**
   * `answer` gets what it needs as arguments. A closure would cost every evaluation the memory of what it holds, also of
   * those that need no words.
   */
  note<About extends readonly unknown[]>(
    step: TrailQuestion,
    answer: (...about: About) => string,
    ...about: About
  ): void {
    this.#trail?.push({ step, answer: answer(...about) });
  }

  report(rules: readonly RuleView[]): void {
    this.rules = rules;
    for (const { reading } of rules) this.due(reading.window.changesAt);
  }

  /** The answer may change at `at` without new data. */
  due(at: Instant | undefined): this {
    if (at !== undefined && (this.dueAt === undefined || at < this.dueAt)) this.dueAt = at;
    return this;
  }

  dueIn(ms: Millis): this {
    return this.due(after(this.now, ms));
  }

  askCapacity(): this {
    this.wantsCapacity = true;
    return this;
  }

  hold(reason: Reason): this {
    this.reason = reason;
    this.after = this.before;
    return this;
  }

  /** `winner`: the rule whose result won, with what it asked for; none where bounds, a pin or the default act. */
  act(reason: Reason, to: number, winner?: RuleView): this {
    assert(this.before !== undefined, 'an action starts from a known capacity');
    this.outcome = to > this.before ? 'ScaleOut' : 'ScaleIn';
    this.reason = reason;
    this.after = to;
    this.proposed = winner?.proposed ?? to;
    this.winner = winner?.index;
    return this;
  }

  verdict(): Verdict {
    const {
      outcome,
      reason,
      profile,
      before,
      proposed,
      after: to,
      winner,
      dueAt,
      limit,
      quota,
    } = this;
    return {
      outcome,
      reason,
      ...(profile === undefined ? {} : { profile }),
      capacity: {
        ...(before === undefined ? {} : { before }),
        ...(proposed === undefined ? {} : { proposed }),
        ...(to === undefined ? {} : { after: to }),
      },
      ...(winner === undefined ? {} : { winner }),
      rules: this.rules.map((rule) => rule.report()),
      trail: this.#trail ?? [],
      wantsCapacity: this.wantsCapacity,
      ...(limit === undefined ? {} : { limit }),
      ...(quota === undefined ? {} : { quota }),
      ...(dueAt === undefined ? {} : { dueAt }),
    };
  }
}
