import {
  after,
  baseTps,
  defaultRateLimitPolicy,
  defaultRule,
  instant,
  limitMetrics,
  limitTarget,
  minuteMs,
  PartitionFold,
  secondMs,
  targetId,
} from '@headroom/core';
import type {
  AiAccount,
  BlockedBy,
  Decision,
  Instant,
  LogEvent,
  Override,
  RateLimitPolicy,
  ReadCommand,
  ScaleCommand,
  TargetId,
  TopicMessage,
} from '@headroom/core';
import { decisionOf, reborn } from './virtual-subscription.ts';

export const vision = targetId(
  '/subscriptions/s/resourceGroups/rg/providers/Microsoft.CognitiveServices/accounts/vision',
);

/** A paid account with one rule of ten calls a second, its autoscale on. */
export const account: AiAccount = {
  id: vision,
  name: 'vision',
  kind: 'FormRecognizer',
  sku: 'S0',
  dynamicThrottlingEnabled: true,
  capabilities: ['DynamicThrottling'],
  rules: [defaultRule],
};

/** The document's pace, and a backend that serves whatever is asked. */
export const policy: RateLimitPolicy = {
  ...defaultRateLimitPolicy,
  pace: 'azure',
  capacity: { kind: 'static', tps: 1000 },
};

export const begin = instant(Date.UTC(2026, 0, 5));

/** Calls a second that come, and why those that are refused are. */
export interface Calls {
  readonly perSecond: number;
  readonly key?: string;
  readonly on?: TargetId;
  readonly by?: BlockedBy | 'unsaid';
}

/** Dimensions of what is told. */
interface ToldOf {
  readonly key?: string;
  readonly by?: string;
  readonly caller?: string;
  readonly instance?: string;
  readonly on?: TargetId;
}

interface Options {
  /** What ARM answers to a question for the projection; `undefined`: nothing at all. */
  readonly projection?: () => number | undefined;
  /** Whether the scaler carries commands out. */
  readonly isScalerDead?: boolean;
  /** Whether its commands fail now. */
  readonly isBroken?: () => boolean;
  /** Whether a limit can be read now. */
  readonly answers?: (target: TargetId) => boolean;
}

const identity = { logId: 'log', partition: 0, codeVersion: 'test' };

/**
 * A gateway, a scaler and a clock around the real fold of one partition: calls above the limit in force are blocked and told
 * a second later, commands take effect at once. Limits are read from what the scaler set, as a gateway does.
 */
export class VirtualGateway {
  now: Instant = begin;
  readonly decisions: Decision[] = [];
  readonly messages: TopicMessage[] = [];
  /** What each limit was, whenever it changed. */
  readonly changes: { readonly at: number; readonly target: TargetId; readonly tps: number }[] = [];
  billed = 0;
  #fold = new PartitionFold(identity);
  #sequence = -1;
  #source = 0;
  #versions = new Map<TargetId, number>();
  readonly #limits = new Map<TargetId, number>();
  readonly #bases = new Map<TargetId, number>();
  readonly #options: Options;
  readonly #pending: LogEvent[] = [];

  constructor(options: Options = {}) {
    this.#options = options;
  }

  get minutes(): number {
    return (this.now - begin) / minuteMs;
  }

  /** A version of the setting; what it leaves out is as in `account` and `policy`. */
  apply(
    changes: Partial<AiAccount> = {},
    options: Partial<RateLimitPolicy> = {},
    overrides: readonly Override[] = [],
  ): void {
    const whole = { ...account, ...changes };
    const inForce = { ...policy, ...options };
    const version = (this.#versions.get(whole.id) ?? 0) + 1;
    this.#versions.set(whole.id, version);
    for (const rule of whole.rules) {
      this.#bases.set(limitTarget(whole.id, rule.key), baseTps(rule, inForce));
    }
    const content = { kind: 'rateLimit', account: whole, policy: inForce, overrides } as const;
    this.#happens([
      { kind: 'setting', version: { target: whole.id, id: whole.id, version, content } },
    ]);
  }

  limit(key = 'default', on: TargetId = vision): number {
    const target = limitTarget(on, key);
    return this.#limits.get(target) ?? this.#bases.get(target) ?? 0;
  }

  /** `calls` each second, up to and including minute `until`. */
  run(until: number, ...calls: readonly Calls[]): this {
    while (this.minutes < until - 1e-9) this.second(calls);
    return this;
  }

  /** One second: what came in it is told, with a tick. */
  second(calls: readonly Calls[] = []): void {
    const told = calls.map((one) => this.#answer(one));
    this.now = after(this.now, secondMs);
    this.#happens([...told.flat(), { kind: 'tick' }]);
  }

  /** The process dies: what goes on is what was in its last snapshot, through its bytes. */
  restart(): void {
    this.#fold = reborn(this.#fold);
  }

  /** `calls` that were blocked, told whenever the caller likes; a second time under another position. */
  tellBlocked(calls: number, time: Instant, by: BlockedBy = 'Rate', key = 'default'): void {
    this.#happens([this.#frame(limitMetrics.blockedCalls, calls, time, { key, by })]);
  }

  tell(metric: string, total: number, of: ToldOf): LogEvent {
    return this.#frame(metric, total, this.now, of);
  }

  happens(event: LogEvent): void {
    this.#happens([event]);
  }

  /** The actions, as `minute reason from → to`. */
  get actions(): readonly string[] {
    return this.decisions
      .filter(({ outcome }) => outcome !== 'Hold')
      .map(({ at, reason, capacity }) => {
        const minute = Math.round(((at - begin) / minuteMs) * 100) / 100;
        return `${minute} ${reason} ${capacity.before ?? '?'} → ${capacity.after ?? '?'}`;
      });
  }

  get reasons(): ReadonlySet<string> {
    return new Set(this.decisions.map(({ reason }) => reason));
  }

  #answer({ perSecond, key = 'default', on = vision, by = 'Rate' }: Calls): LogEvent[] {
    const passed = Math.min(perSecond, this.limit(key, on));
    const blocked = perSecond - passed;
    this.billed += passed;
    const of = { key, on };
    return [
      this.#frame(limitMetrics.totalCalls, perSecond, this.now, of),
      this.#frame(limitMetrics.successfulCalls, passed, this.now, of),
      ...(blocked > 0
        ? [this.#frame(limitMetrics.blockedCalls, blocked, this.now, { ...of, by })]
        : []),
    ];
  }

  #frame(metric: string, total: number, time: Instant, of: ToldOf): LogEvent {
    const dimensions: [string, string][] = [];
    if (of.by !== undefined && of.by !== 'unsaid') dimensions.push(['BlockedBy', of.by]);
    if (of.caller !== undefined) dimensions.push(['Caller', of.caller]);
    if (of.instance !== undefined) dimensions.push(['Instance', of.instance]);
    dimensions.push(['RatelimitKey', of.key ?? 'default']);
    const series = { resource: of.on ?? vision, metric: metric.toLowerCase(), dimensions };
    const values = { count: Math.ceil(total), total, minimum: 0, maximum: total };
    const sample = { series, time, grainMs: secondMs, ...values };
    const position = { sequence: this.#source++, index: 0 };
    const source = 'metrics/0#push';
    const samples = [{ sample, position }];
    return { kind: 'frame', source, path: 'push', first: position, last: position, samples };
  }

  #happens(events: readonly LogEvent[]): void {
    this.#sequence++;
    const said = this.#fold.applyMessage(this.#sequence, this.now, events);
    this.messages.push(...said);
    for (const message of said) {
      const decision = decisionOf(message);
      if (decision !== undefined) this.decisions.push(decision);
      if (message.kind === 'scale') this.#carryOut(message.command);
      if (message.kind === 'read') this.#read(message.command);
    }
    const next = this.#pending.splice(0);
    if (next.length > 0) this.#happens(next);
  }

  #carryOut(command: ScaleCommand): void {
    if (this.#options.isScalerDead === true) return;
    const { id: commandId, target, to, source } = command;
    const isBroken = this.#options.isBroken?.() === true;
    const before = this.#limits.get(target) ?? this.#bases.get(target) ?? 0;
    if (!isBroken) {
      this.#limits.set(target, to);
      this.changes.push({ at: this.minutes, target, tps: to });
    }
    const kind = isBroken ? 'Failed' : 'Applied';
    const capacity = isBroken ? before : to;
    const ended = { kind, reachedProvider: true, capacity, detail: '' } as const;
    const outcome = { id: `o${commandId}`, commandId, target, to, source, at: this.now, ...ended };
    this.#pending.push({ kind: 'outcome', outcome });
  }

  #read({ id: commandId, target, projection }: ReadCommand): void {
    const instances = this.#limits.get(target) ?? this.#bases.get(target);
    const availableTps = projection === undefined ? undefined : this.#options.projection?.();
    if (instances === undefined || this.#options.answers?.(target) === false) return;
    const observation = {
      ...{ target, commandId, instances, detail: '', at: this.now },
      ...(availableTps === undefined ? {} : { availableTps }),
    };
    this.#pending.push({ kind: 'capacity', observation });
  }
}
