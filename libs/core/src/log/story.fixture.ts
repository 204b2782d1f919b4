import { after, instant, minuteMs, secondMs } from '../lang/instant.ts';
import type { Instant } from '../lang/instant.ts';
import { rule, setting, target } from '../decision/decide.fixture.ts';
import type { TopicMessage } from '../audit/record.ts';
import type { OutcomeKind } from '../outcome/outcome.ts';
import type { AutoscaleSetting, SettingContent } from '../setting/autoscale-setting.ts';
import { defaultPolicy } from '../setting/policy.ts';
import type { Override } from '../setting/override.ts';
import type { Policy } from '../setting/policy.ts';
import type { ScaleCommand } from '../command/command.ts';
import type { TargetId } from '../lang/target.ts';
import type { LogEvent } from './event.ts';
import type { JudgeFunction } from './evaluate.ts';
import { PartitionFold } from './fold.ts';

export const begin = instant(Date.UTC(2026, 0, 5));
export const oneMinute = { timeWindowMs: minuteMs };
export const rules = [
  rule('cpu > 70 out 2', oneMinute, minuteMs),
  rule('cpu < 30 in 1', oneMinute, minuteMs),
];

/** A log that is written by hand, and everything that its fold said. */
export class Story {
  readonly fold: PartitionFold;
  readonly said: TopicMessage[] = [];
  now: Instant = begin;
  #sequence = -1;
  #source = 0;

  constructor(options: { judge?: JudgeFunction; cold?: boolean } = {}) {
    const identity = { logId: 'log', partition: 3, codeVersion: 'test' };
    const first = options.cold === true ? 100 : -1;
    this.#sequence = first;
    this.fold = new PartitionFold(identity, first, options.judge, options.cold);
  }

  happens(event: LogEvent): readonly TopicMessage[] {
    this.#sequence++;
    const messages = this.fold.apply({ sequence: this.#sequence, enqueuedAt: this.now, event });
    this.said.push(...messages);
    return messages;
  }

  tick(ms: number): readonly TopicMessage[] {
    this.now = after(this.now, ms);
    return this.happens({ kind: 'tick' });
  }

  /** Ticks each second, as an owner does. */
  ticks(seconds: number): readonly TopicMessage[] {
    return Array.from({ length: seconds }, () => this.tick(secondMs)).flat();
  }

  set(
    version: number,
    content: Partial<AutoscaleSetting> = {},
    policy: Policy = defaultPolicy,
    id: TargetId = target,
    overrides: readonly Override[] = [],
  ) {
    const whole = { ...setting(rules), ...content };
    return this.put(version, { kind: 'setting', setting: whole, policy, overrides }, id);
  }

  put(version: number, content: SettingContent, id: TargetId = target) {
    return this.happens({ kind: 'setting', version: { target: id, id: 'cpu', version, content } });
  }

  cpu(value: number, seconds = 60): readonly TopicMessage[] {
    const said: TopicMessage[] = [];
    for (let second = 0; second < seconds; second += 5) {
      this.now = after(this.now, 5 * secondMs);
      said.push(...this.sample(value, this.now));
    }
    return said;
  }

  /** A sample that ends at `this.now`, enqueued at `enqueuedAt`. */
  sample(value: number, enqueuedAt: Instant): readonly TopicMessage[] {
    return this.metric('cpu', value, enqueuedAt);
  }

  metric(metric: string, value: number, enqueuedAt: Instant): readonly TopicMessage[] {
    const series = { resource: target, metric, dimensions: [] };
    const times = { time: after(this.now, -5 * secondMs), grainMs: 5 * secondMs };
    const sample = { series, ...times, count: 1, total: value, minimum: value, maximum: value };
    const position = { sequence: this.#source++, index: 0 };
    const frame = { source: 'metrics/0#push', path: 'push', first: position, last: position };
    this.now = enqueuedAt;
    return this.happens({ kind: 'frame', ...frame, samples: [{ sample, position }] });
  }

  capacity(instances?: number) {
    const observation = { target, commandId: 'read', detail: '', at: this.now };
    return this.happens({
      kind: 'capacity',
      observation: instances === undefined ? observation : { ...observation, instances },
    });
  }

  started({ id, to }: ScaleCommand) {
    return this.happens({ kind: 'started', started: { commandId: id, target, to, at: this.now } });
  }

  outcome(
    command: Omit<ScaleCommand, 'kind'>,
    kind: OutcomeKind,
    capacity?: number,
    reachedProvider = true,
  ) {
    const { id: commandId, to, source } = command;
    const outcome = {
      id: 'o',
      commandId,
      target,
      to,
      source,
      kind,
      reachedProvider,
      detail: '',
      at: this.now,
    };
    return this.happens({
      kind: 'outcome',
      outcome: capacity === undefined ? outcome : { ...outcome, capacity },
    });
  }

  /** A setting in force, two instances, and a whole window of quiet. */
  settled(): this {
    this.set(1);
    this.capacity(2);
    this.cpu(50, 70);
    return this;
  }

  /** And then so much load that it scales out. */
  scaling(): ScaleCommand {
    return scaleCommand(this.settled().cpu(100));
  }
}

export function scaleCommand(messages: readonly TopicMessage[]): ScaleCommand {
  const found = messages.find((message) => message.kind === 'scale');
  if (found?.kind !== 'scale') throw new Error(`no scale among ${reasonsOf(messages).join()}`);
  return found.command;
}

export function reasonsOf(messages: readonly TopicMessage[]): readonly string[] {
  return messages.flatMap((message) => {
    if (message.kind === 'read') return ['read'];
    if (message.kind !== 'decision' && message.kind !== 'scale') return [];
    return message.decision === undefined ? [] : [message.decision.reason];
  });
}
