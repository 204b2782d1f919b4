import fc from 'fast-check';
import { after, instant, PartitionFold, secondMs, targetId } from '@headroom/core';
import type {
  LogEvent,
  LoggedEvent,
  PositionedSample,
  ScaleCommand,
  SettingContent,
  TargetId,
  TopicMessage,
} from '@headroom/core';
import { contentOf } from './generated-setting.ts';

/** One step of a made-up log: what happens, after how many milliseconds. */
export interface Step {
  readonly waitMs: number;
  readonly what: 'samples' | 'setting' | 'tick' | 'again';
  readonly target: number;
  readonly value: number;
  readonly lateMs: number;
  /** Which schedules, options and overrides a setting has; how an operation ends. */
  readonly variant: number;
}

export const steps: fc.Arbitrary<readonly Step[]> = fc.array(
  fc.record({
    waitMs: fc.constantFrom(0, 10, 300, 1_000, 5_000, 15_000, 40_000),
    what: fc.constantFrom(
      'samples',
      'samples',
      'samples',
      'samples',
      'tick',
      'tick',
      'setting',
      'again',
    ),
    target: fc.integer({ min: 0, max: 2 }),
    value: fc.integer({ min: 0, max: 100 }),
    /** Below 0: the producer's clock is ahead. */
    lateMs: fc.constantFrom(0, 0, 0, -7_000, 5_000, 20_000),
    variant: fc.nat(0xffff),
  }),
  { minLength: 20, maxLength: 120 },
);

export const identity = { logId: 'log', partition: 0, codeVersion: 'test' };

const begin = instant(Date.UTC(2026, 0, 5));

/** A log of one partition, and what its fold decides. Commands of the fold are started and end, some of them badly. */
export interface GeneratedLog {
  readonly events: readonly LoggedEvent[];
  /** What each event of the log decides, by sequence. */
  readonly messages: readonly (readonly TopicMessage[])[];
}

export function generate(list: readonly Step[]): GeneratedLog {
  return new Generator().run(list);
}

class Generator {
  readonly #events: LoggedEvent[] = [];
  readonly #messages: (readonly TopicMessage[])[] = [];
  readonly #fold = new PartitionFold(identity);
  readonly #versions = new Map<TargetId, number>();
  readonly #running: ScaleCommand[] = [];
  #now = begin;
  #sourceSequence = 0;
  #capacity = 2;
  #lastFrame: LogEvent | undefined;

  run(list: readonly Step[]): GeneratedLog {
    for (const target of [0, 1, 2]) this.#setting(target, 70, list[target]?.variant ?? 0);
    for (const step of list) this.#step(step);
    return { events: this.#events, messages: this.#messages };
  }

  #step(step: Step): void {
    this.#now = after(this.#now, step.waitMs);
    if (step.what === 'samples') this.#samples(step);
    if (step.what === 'setting' && step.value < 10) this.#remove(step.target);
    if (step.what === 'setting') {
      this.#setting(step.target, 40 + (step.value % 50), step.variant);
    }
    if (step.what === 'tick') this.#append({ kind: 'tick' });
    if (step.what === 'again' && this.#lastFrame !== undefined) this.#append(this.#lastFrame);
    if (step.value % 3 === 0) this.#finish(step.value);
  }

  /** Appends, folds, and lets the world react to what was decided. */
  #append(event: LogEvent): void {
    const logged = { sequence: this.#events.length, enqueuedAt: this.#now, event };
    this.#events.push(logged);
    const messages = this.#fold.apply(logged);
    this.#messages.push(messages);
    for (const message of messages) this.#react(message);
  }

  #react(message: TopicMessage): void {
    if (message.kind === 'scale') this.#running.push(message.command);
    if (message.kind !== 'read') return;
    const { id, target } = message.command;
    const observed = { target, commandId: id, instances: this.#capacity, detail: 'read' };
    this.#append({ kind: 'capacity', observation: { ...observed, at: this.#now } });
  }

  #finish(value: number): void {
    const command = this.#running.shift();
    if (command === undefined) return;
    const { id: commandId, target, to, source } = command;
    this.#append({ kind: 'started', started: { commandId, target, to, at: this.#now } });
    const failed = value % 2 === 0;
    if (!failed) this.#capacity = to;
    const outcome = {
      id: `outcome-${commandId}`,
      commandId,
      target,
      to,
      source,
      kind: failed ? ('Failed' as const) : ('Applied' as const),
      capacity: this.#capacity,
      reachedProvider: true,
      detail: 'made up',
      at: this.#now,
    };
    this.#append({ kind: 'outcome', outcome });
  }

  #setting(target: number, threshold: number, variant: number): void {
    this.#version(target, contentOf(targetOf(target), threshold, variant, this.#now));
  }

  /** Whoever removes a setting here soon makes another. */
  #remove(target: number): void {
    this.#version(target, { kind: 'tombstone' });
  }

  /** All settings have one name, as they may. */
  #version(target: number, content: SettingContent): void {
    const id = targetOf(target);
    const version = (this.#versions.get(id) ?? 0) + 1;
    this.#versions.set(id, version);
    this.#append({ kind: 'setting', version: { target: id, id: 'generated', version, content } });
  }

  #samples({ target, value, lateMs }: Step): void {
    const sequence = this.#sourceSequence++;
    const source = `metrics/${target % 2}#push`;
    const time = after(this.#now, -5 * secondMs - lateMs);
    const samples = ['a', 'b'].map((instance, index): PositionedSample => {
      const series = {
        resource: targetOf(target),
        metric: 'cpu',
        dimensions: [['instanceId', instance]] as const,
      };
      const total = value + index;
      const sample = {
        series,
        time,
        grainMs: 5 * secondMs,
        count: 1,
        total,
        minimum: total,
        maximum: total,
      };
      return { sample, position: { sequence, index } };
    });
    const [first, last] = [
      { sequence, index: 0 },
      { sequence, index: 1 },
    ];
    this.#lastFrame = { kind: 'frame', source, path: 'push', first, last, samples };
    this.#append(this.#lastFrame);
  }
}

function targetOf(index: number): TargetId {
  return targetId(`/subscriptions/s/targets/${index}`);
}
