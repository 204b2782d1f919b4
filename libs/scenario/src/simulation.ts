import { after, assert, outcomeId, PartitionFold, secondMs, withOverride } from '@headroom/core';
import type {
  AutoscaleSetting,
  Decision,
  Instant,
  LogEvent,
  Millis,
  Outcome,
  Override,
  Policy,
  ScaleCommand,
  SettingVersion,
  TopicMessage,
} from '@headroom/core';
import { FrameMaker } from './frames.ts';
import type { ArrivedSample } from './frames.ts';
import type { Intervention, LimitIntervention } from './scale-test.ts';

/** What is simulated: one target under one setting, from a capacity that is known. */
export interface SimulationSetup {
  readonly setting: AutoscaleSetting;
  readonly policy: Policy;
  readonly capacity: number;
  readonly start: Instant;
  /** How long an operation takes, or that it fails at once. */
  readonly scaling: Millis | 'fail';
  /** What comes, rising in time, one arrival an instant; taken when the simulation gets there. */
  readonly arrivals: Iterable<Arrival>;
}

/** Everything of one instant: one message of the log. */
export interface Arrival<Event = Intervention> {
  readonly at: Instant;
  readonly samples: readonly ArrivedSample[];
  readonly interventions: readonly Event[];
}

/** What happened, told in order. */
export type SimulationStep =
  | { readonly kind: 'arrival'; readonly at: Instant; readonly arrival: AnyArrival }
  | { readonly kind: 'evaluation'; readonly at: Instant; readonly decision: Decision }
  | { readonly kind: 'operation'; readonly at: Instant; readonly result: OperationResult };

export type AnyArrival = Arrival<Intervention | LimitIntervention>;

export interface OperationResult {
  readonly applied: boolean;
  readonly to: number;
}

/** Nothing but its time. */
const tick: readonly LogEvent[] = [{ kind: 'tick' }];

const identity = { logId: 'scenario', partition: 0, codeVersion: 'scenario' };

/**
 * A fold over a log that is made up as it goes: a tick a second, and one message for everything of one instant. No clock
 * and no waiting. Ticks before anything is due are counted, for their place in the log, and not folded: they change nothing.
 */
export class Simulation {
  readonly #setup: SimulationSetup;
  readonly #watch: (step: SimulationStep) => void;
  readonly #fold = new PartitionFold(identity);
  readonly #arrivals: Iterator<Arrival>;
  #sequence = 0;
  readonly #frames = new FrameMaker(identity.logId);
  #version: SettingVersion;
  #capacity: number;
  #last: Decision | undefined;
  #arrival: Arrival | undefined;
  #operation: { readonly command: ScaleCommand; readonly endsAt: Instant } | undefined;
  #tickAt: Instant;
  #began = false;

  constructor(setup: SimulationSetup, watch: (step: SimulationStep) => void = () => undefined) {
    this.#setup = setup;
    this.#watch = watch;
    this.#capacity = setup.capacity;
    this.#tickAt = setup.start;
    this.#version = firstVersion(setup);
    this.#arrivals = setup.arrivals[Symbol.iterator]();
    this.#arrival = this.#nextArrival();
  }

  /** Instances in force: an operation counts as soon as it is applied. */
  get capacity(): number {
    return this.#capacity;
  }

  /** The last evaluation. */
  get last(): Decision | undefined {
    return this.#last;
  }

  /** Everything up to and including `until`. */
  advanceTo(until: Instant): void {
    for (;;) {
      const endsAt = this.#operation?.endsAt ?? Infinity;
      const arrivesAt = this.#arrival?.at ?? Infinity;
      this.#passTicks(Math.min(endsAt, arrivesAt, this.#fold.dueAt ?? Infinity), until);
      const at = Math.min(this.#tickAt, endsAt, arrivesAt) as Instant;
      if (at > until) return;
      if (at === this.#tickAt) this.#tickAt = after(at, secondMs);
      if (at === endsAt || at === arrivesAt || !this.#began) this.#happen(at);
      else this.#hear(this.#fold.applyMessage(++this.#sequence, at, tick), at);
    }
  }

  /** Those before `quietUntil` and up to `until`. */
  #passTicks(quietUntil: number, until: Instant): void {
    if (!this.#began) return;
    const quiet = Math.ceil((quietUntil - this.#tickAt) / secondMs);
    const reached = Math.floor((until - this.#tickAt) / secondMs) + 1;
    const ticks = Math.max(0, Math.min(quiet, reached));
    this.#sequence += ticks;
    this.#tickAt = after(this.#tickAt, ticks * secondMs);
  }

  /** To `until`, and on to the end of an operation that runs then. What is begun at that end is not awaited. */
  finishAt(until: Instant): void {
    this.advanceTo(until);
    if (this.#operation !== undefined) this.advanceTo(this.#operation.endsAt);
  }

  /** One message: the setting at the start, samples, interventions, the end of an operation. */
  #happen(at: Instant): void {
    const events = this.#began ? [] : this.#opening();
    this.#began = true;
    if (this.#arrival?.at === at) events.push(...this.#arriving(this.#arrival));
    if (this.#operation?.endsAt === at) events.push(this.#ending(this.#operation.command, at));
    this.#hear(this.#fold.applyMessage(++this.#sequence, at, events), at);
  }

  #opening(): LogEvent[] {
    return [{ kind: 'setting', version: this.#version }, this.#observation(this.#setup.start)];
  }

  #arriving(arrival: Arrival): readonly LogEvent[] {
    this.#arrival = this.#nextArrival();
    assert(arrival.at < (this.#arrival?.at ?? Infinity), 'arrivals rise in time');
    const frames = this.#frames.framesOf(arrival.samples);
    const others = arrival.interventions.map((one) => this.#intervention(one, arrival.at));
    this.#watch({ kind: 'arrival', at: arrival.at, arrival });
    return [...frames, ...others];
  }

  #intervention(intervention: Intervention, at: Instant): LogEvent {
    if (intervention.kind === 'capacity') {
      this.#capacity = intervention.instances;
      return this.#observation(at);
    }
    this.#version = nextVersion(this.#version, intervention.override);
    return { kind: 'setting', version: this.#version };
  }

  #hear(messages: readonly TopicMessage[], at: Instant): void {
    for (const message of messages) {
      if (message.kind === 'read') this.#say(at, this.#observation(at));
      if (message.kind === 'decision') this.#note(message.decision);
      if (message.kind !== 'scale') continue;
      if (message.decision !== undefined) this.#note(message.decision);
      this.#begin(message.command, at);
    }
  }

  #note(decision: Decision): void {
    this.#last = decision;
    this.#watch({ kind: 'evaluation', at: decision.at, decision });
  }

  /** One of 0 s ends right after the evaluation that started it; one that fails does so at once. */
  #begin(command: ScaleCommand, at: Instant): void {
    const { scaling } = this.#setup;
    if (scaling === 'fail' || scaling === 0) {
      this.#say(at, this.#ending(command, at));
      return;
    }
    const { id: commandId, target, to } = command;
    this.#operation = { command, endsAt: after(at, scaling) };
    this.#say(at, { kind: 'started', started: { commandId, target, to, at } });
  }

  /** Its end sets its own count, whatever was set by hand meanwhile. */
  #ending(command: ScaleCommand, at: Instant): LogEvent {
    const applied = this.#setup.scaling !== 'fail';
    this.#operation = undefined;
    if (applied) this.#capacity = command.to;
    this.#watch({ kind: 'operation', at, result: { applied, to: command.to } });
    return { kind: 'outcome', outcome: outcomeOf(command, this.#capacity, applied, at) };
  }

  #say(at: Instant, event: LogEvent): void {
    this.#hear(this.#fold.applyMessage(++this.#sequence, at, [event]), at);
  }

  #observation(at: Instant): LogEvent {
    const { target } = this.#version;
    const observation = { target, commandId: '', instances: this.#capacity, detail: '', at };
    return { kind: 'capacity', observation };
  }

  #nextArrival(): Arrival | undefined {
    const next = this.#arrivals.next();
    return next.done === true ? undefined : next.value;
  }
}

/** Every evaluation is on record, so that it can be looked at. */
function firstVersion({ setting, policy }: SimulationSetup): SettingVersion {
  const all: Policy = { ...policy, auditLevel: 'all' };
  const content = { kind: 'setting', setting, policy: all, overrides: [] } as const;
  return { target: setting.target, id: setting.name, version: 1, content };
}

function nextVersion({ content, ...rest }: SettingVersion, override: Override): SettingVersion {
  assert(content.kind === 'setting', 'a simulation has a setting');
  const overrides = withOverride(content.overrides, override);
  return { ...rest, version: rest.version + 1, content: { ...content, overrides } };
}

export function outcomeOf(
  command: ScaleCommand,
  capacity: number,
  applied: boolean,
  at: Instant,
): Outcome {
  const { id: commandId, target, to, source } = command;
  return {
    id: outcomeId(commandId),
    commandId,
    target,
    kind: applied ? 'Applied' : 'Failed',
    to,
    capacity,
    reachedProvider: true,
    detail: applied ? `set to ${to}` : 'this scale test lets operations fail',
    at,
    source,
  };
}
