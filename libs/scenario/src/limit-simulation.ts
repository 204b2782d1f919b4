import {
  after,
  baseTps,
  limitMetrics,
  limitDimensions,
  limitTarget,
  PartitionFold,
  secondMs,
  withOverride,
} from '@headroom/core';
import type {
  AiAccount,
  Decision,
  Instant,
  LogEvent,
  RateLimitContent,
  RateLimitPolicy,
  Sample,
  SettingVersion,
  TargetId,
  TopicMessage,
} from '@headroom/core';
import { FrameMaker } from './frames.ts';
import type { CallSeries, LimitIntervention } from './scale-test.ts';
import { outcomeOf } from './simulation.ts';
import type { Arrival, SimulationStep } from './simulation.ts';

/** What is simulated: an account's limits, from their defaults, and the gateway that enforces them. */
export interface LimitSetup {
  readonly account: AiAccount;
  readonly policy: RateLimitPolicy;
  readonly start: Instant;
  readonly calls: readonly CallSeries[];
  /** What comes beside the calls, rising in time, at whole seconds since the start. */
  readonly arrivals: Iterable<Arrival<LimitIntervention>>;
}

const identity = { logId: 'scenario', partition: 0, codeVersion: 'scenario' };

/**
 * A fold over a log that is made up as it goes, one message a second: the calls of the second before as a gateway tells them,
 * what else arrived, and a tick. Calls above the limit in force are answered 429; a command sets its limit at once.
 */
export class LimitSimulation {
  readonly #setup: LimitSetup;
  readonly #watch: (step: SimulationStep) => void;
  readonly #fold = new PartitionFold(identity);
  readonly #frames = new FrameMaker(identity.logId);
  readonly #arrivals: Iterator<Arrival<LimitIntervention>>;
  readonly #limits = new Map<TargetId, number>();
  readonly #last = new Map<TargetId, Decision>();
  #arrival: Arrival<LimitIntervention> | undefined;
  #content: RateLimitContent;
  #version = 0;
  #sequence = 0;
  #next: Instant;

  constructor(setup: LimitSetup, watch: (step: SimulationStep) => void = () => undefined) {
    const { account, policy } = setup;
    this.#setup = setup;
    this.#watch = watch;
    this.#next = setup.start;
    this.#content = { kind: 'rateLimit', account, policy, overrides: [] };
    this.#arrivals = setup.arrivals[Symbol.iterator]();
    this.#arrival = this.#nextArrival();
  }

  /** Calls a second in force. */
  limit(target: TargetId): number {
    return this.#limits.get(target) ?? this.#defaultOf(target);
  }

  /** The last evaluation of a limit. */
  last(target: TargetId): Decision | undefined {
    return this.#last.get(target);
  }

  /** Everything up to and including `until`. */
  advanceTo(until: Instant): void {
    for (; this.#next <= until; this.#next = after(this.#next, secondMs)) this.#second(this.#next);
  }

  #second(at: Instant): void {
    const isFirst = at === this.#setup.start;
    const calls = isFirst ? [] : this.#setup.calls.flatMap((one) => this.#answer(one, at));
    const told = calls.map((sample) => ({ sample, path: 'push' }));
    const events: LogEvent[] = isFirst ? this.#opening(at) : [];
    const arrival = this.#arrival?.at === at ? this.#arrival : undefined;
    events.push(...this.#frames.framesOf([...told, ...(arrival?.samples ?? [])]));
    if (arrival !== undefined) {
      for (const one of arrival.interventions) events.push(this.#changed(one));
      this.#arrival = this.#nextArrival();
      this.#watch({ kind: 'arrival', at, arrival });
    }
    this.#say([...events, { kind: 'tick' }], at);
  }

  #opening(at: Instant): LogEvent[] {
    return [this.#setting(), ...this.#targets().map((target) => this.#observation(target, '', at))];
  }

  /** The calls that came in the second that ends at `at`. */
  #answer({ key, everyMs, values, by }: CallSeries, at: Instant): readonly Sample[] {
    const time = after(at, -secondMs);
    const perSecond = values[Math.floor((time - this.#setup.start) / everyMs)] ?? NaN;
    if (Number.isNaN(perSecond)) return [];
    const passed = Math.min(perSecond, this.limit(limitTarget(this.#content.account.id, key)));
    const blocked = perSecond - passed;
    return [
      this.#sample(limitMetrics.totalCalls, perSecond, time, [[limitDimensions.key, key]]),
      this.#sample(limitMetrics.successfulCalls, passed, time, [[limitDimensions.key, key]]),
      ...(blocked > 0
        ? [
            this.#sample(limitMetrics.blockedCalls, blocked, time, [
              [limitDimensions.blockedBy, by],
              [limitDimensions.key, key],
            ]),
          ]
        : []),
    ];
  }

  #sample(
    metric: string,
    total: number,
    time: Instant,
    dimensions: readonly (readonly [string, string])[],
  ): Sample {
    const resource = this.#content.account.id;
    const series = { resource, metric: metric.toLowerCase(), dimensions };
    const amounts = { count: Math.ceil(total), total, minimum: 0, maximum: total };
    return { series, time, grainMs: secondMs, ...amounts };
  }

  #changed(intervention: LimitIntervention): LogEvent {
    const content = this.#content;
    switch (intervention.kind) {
      case 'override': {
        const overrides = withOverride(content.overrides, intervention.override);
        this.#content = { ...content, overrides };
        break;
      }
      case 'switch': {
        const account = { ...content.account, dynamicThrottlingEnabled: intervention.on };
        this.#content = { ...content, account };
        break;
      }
      case 'options':
        this.#content = { ...content, policy: intervention.policy };
        break;
    }
    return this.#setting();
  }

  /** Every evaluation is on record, so that it can be looked at. */
  #setting(): LogEvent {
    const { id } = this.#content.account;
    const policy = { ...this.#content.policy, auditLevel: 'all' } as const;
    const content = { ...this.#content, policy };
    const version: SettingVersion = { target: id, id, version: ++this.#version, content };
    return { kind: 'setting', version };
  }

  #say(events: readonly LogEvent[], at: Instant): void {
    this.#hear(this.#fold.applyMessage(++this.#sequence, at, events), at);
  }

  #hear(messages: readonly TopicMessage[], at: Instant): void {
    const answers: LogEvent[] = [];
    for (const message of messages) {
      if (message.kind === 'decision') this.#note(message.decision);
      if (message.kind === 'read') {
        const { target, id } = message.command;
        answers.push(this.#observation(target, id, at));
      }
      if (message.kind !== 'scale') continue;
      const { command, decision } = message;
      this.#limits.set(command.target, command.to);
      if (decision !== undefined) this.#note(decision);
      answers.push({ kind: 'outcome', outcome: outcomeOf(command, command.to, true, at) });
    }
    if (answers.length > 0) this.#say(answers, at);
  }

  #note(decision: Decision): void {
    this.#last.set(decision.target, decision);
    this.#watch({ kind: 'evaluation', at: decision.at, decision });
  }

  #observation(target: TargetId, commandId: string, at: Instant): LogEvent {
    const observation = { target, commandId, instances: this.limit(target), detail: '', at };
    return { kind: 'capacity', observation };
  }

  #targets(): readonly TargetId[] {
    const { id, rules } = this.#content.account;
    return rules.map(({ key }) => limitTarget(id, key));
  }

  #defaultOf(target: TargetId): number {
    const { account, policy } = this.#content;
    const rule = account.rules.find(({ key }) => limitTarget(account.id, key) === target);
    return rule === undefined ? 0 : baseTps(rule, policy);
  }

  #nextArrival(): Arrival<LimitIntervention> | undefined {
    const next = this.#arrivals.next();
    return next.done === true ? undefined : next.value;
  }
}
