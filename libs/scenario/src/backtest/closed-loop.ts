import { after, ingestPath, PartitionFold, secondMs } from '@headroom/core';
import type {
  Decision,
  Instant,
  LogEvent,
  PositionedSample,
  Sample,
  ScaleCommand,
  SettingVersion,
  TopicMessage,
} from '@headroom/core';
import { outcomeOf } from '../simulation.ts';
import type { CapacityCurve } from './capacity-curve.ts';
import type { Deliveries } from './deliveries.ts';
import type { Candidate } from './options.ts';
import type { Provisioning } from './provisioning.ts';
import type { ThresholdTime } from './threshold-time.ts';
import { ProfileInForce } from './threshold-time.ts';

export interface LoopSetup extends Candidate {
  readonly from: Instant;
  readonly to: Instant;
  readonly deliveries: Deliveries;
  readonly path: string;
  /** On record. */
  readonly recorded: CapacityCurve;
  /** Of the candidate: its first step at `from`. What it does is added. */
  readonly simulated: CapacityCurve;
  readonly provisioning: Provisioning;
  readonly thresholds: ThresholdTime;
}

const identity = { logId: 'backtest', partition: 0, codeVersion: 'backtest' };

/**
 * A setting in the loop of what it does:
 *
 *   recorded sample ─► what the simulated instances would have had of it ─► fold ─► command
 *                              ▲                                                      │
 *                              └── simulated capacity ◄── after the provisioning ─────┘
 *
 * A fold over a log that is made up as it goes, as in `Simulation`; here a sample is made when it comes, from the capacity that
 * was in force in its grain.
 */
export class ClosedLoop {
  readonly decisions: Decision[] = [];
  atMaximumMs = 0;
  readonly #setup: LoopSetup;
  readonly #fold = new PartitionFold(identity);
  readonly #inForce: ProfileInForce;
  #sequence = 0;
  #capacity: number;
  #operation: { readonly command: ScaleCommand; readonly endsAt: Instant } | undefined;
  #lookedAt: Instant;

  constructor(setup: LoopSetup) {
    this.#setup = setup;
    this.#inForce = new ProfileInForce(setup.setting);
    this.#lookedAt = setup.from;
    this.#capacity = setup.simulated.at(setup.from) ?? 0;
  }

  get evaluations(): number {
    return this.#fold.counts.evaluations;
  }

  run(): void {
    const { from, to, deliveries } = this.#setup;
    this.#say(from, [{ kind: 'setting', version: versionOf(this.#setup) }]);
    for (;;) {
      const endsAt = this.#operation?.endsAt ?? Infinity;
      const at = Math.min(endsAt, deliveries.nextAt, this.#nextTick()) as Instant;
      if (at >= to) break;
      this.#look(at);
      const events: LogEvent[] = [];
      if (at === endsAt) events.push(...this.#ending(at));
      if (at === deliveries.nextAt) events.push(...this.#arriving(at));
      this.#say(at, events);
    }
    this.#look(to);
    this.#setup.thresholds.look(to, this.#capacity);
  }

  /** Whole seconds from the begin, as the owner of a partition ticks. */
  #nextTick(): number {
    const { from } = this.#setup;
    const dueAt = Math.max(this.#fold.dueAt ?? Infinity, this.#lookedAt + 1);
    return from + Math.ceil((dueAt - from) / secondMs) * secondMs;
  }

  /** With the capacity, so that nobody has to ask for it. */
  #say(at: Instant, events: readonly LogEvent[]): void {
    const observed = [...events, this.#observation(at)];
    this.#hear(this.#fold.applyMessage(++this.#sequence, at, observed), at);
    this.#setup.thresholds.look(at, this.#capacity);
  }

  /** What was so until now. */
  #look(at: Instant): void {
    const maximum = this.#inForce.at(this.#lookedAt)?.profile.capacity.maximum ?? Infinity;
    if (this.#capacity >= maximum) this.atMaximumMs += at - this.#lookedAt;
    this.#lookedAt = at;
  }

  #arriving(at: Instant): readonly LogEvent[] {
    const { deliveries, recorded, simulated, thresholds, path: name } = this.#setup;
    const samples: PositionedSample[] = [];
    for (const { sample: record, model } of deliveries.take()) {
      const ratio = ratioOf(record, simulated, recorded);
      const sample = ratio === undefined ? undefined : model.modelled(record, ratio);
      if (sample === undefined) continue;
      thresholds.take(sample, at);
      samples.push({ sample, position: { sequence: this.#sequence, index: samples.length } });
    }
    const [first] = samples;
    const last = samples.at(-1);
    if (first === undefined || last === undefined) return [];
    const ends = { first: first.position, last: last.position };
    return [{ kind: 'frame', source: name, path: ingestPath(name), ...ends, samples }];
  }

  #hear(messages: readonly TopicMessage[], at: Instant): void {
    for (const message of messages) {
      if (message.kind === 'decision') this.#keep(message.decision);
      if (message.kind !== 'scale') continue;
      if (message.decision !== undefined) this.#keep(message.decision);
      this.#begin(message.command, at);
    }
  }

  #keep(decision: Decision): void {
    if (decision.record !== 'heartbeat') this.decisions.push(decision);
  }

  #begin(command: ScaleCommand, at: Instant): void {
    const { outMs, inMs } = this.#setup.provisioning;
    const endsAt = after(at, command.to > this.#capacity ? outMs : inMs);
    this.#operation = { command, endsAt };
    const { id: commandId, target, to } = command;
    if (endsAt > at)
      this.#answer(at, [{ kind: 'started', started: { commandId, target, to, at } }]);
    else this.#answer(at, this.#ending(at));
  }

  /** Right after the evaluation that it answers. */
  #answer(at: Instant, events: readonly LogEvent[]): void {
    for (const event of events) {
      this.#hear(this.#fold.applyMessage(++this.#sequence, at, [event]), at);
    }
  }

  #ending(at: Instant): readonly LogEvent[] {
    if (this.#operation === undefined) return [];
    const { command } = this.#operation;
    this.#operation = undefined;
    this.#capacity = command.to;
    this.#setup.simulated.add(at, command.to);
    return [{ kind: 'outcome', outcome: outcomeOf(command, command.to, true, at) }];
  }

  #observation(at: Instant): LogEvent {
    const { target } = this.#setup.setting;
    const observation = { target, commandId: '', instances: this.#capacity, detail: '', at };
    return { kind: 'capacity', observation };
  }
}

/** n/n' of the sample's grain; undefined where one of the two had no instance in it. */
function ratioOf(
  { time, grainMs }: Sample,
  simulated: CapacityCurve,
  recorded: CapacityCurve,
): number | undefined {
  const end = after(time, grainMs);
  const own = simulated.shareOver(time, end);
  const then = recorded.shareOver(time, end);
  return own === undefined || then === undefined ? undefined : own / then;
}

/** Nothing is acted on: a command comes back from here. Only changes are put into words. */
function versionOf({ setting, policy }: Candidate): SettingVersion {
  const own = { ...policy, mode: 'act', auditLevel: 'changes' } as const;
  const content = { kind: 'setting', setting, policy: own, overrides: [] } as const;
  return { target: setting.target, id: setting.name, version: 1, content };
}
