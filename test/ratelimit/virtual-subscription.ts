import {
  after,
  defaultQuotaPoolPolicy,
  instant,
  limitMetrics,
  PartitionFold,
  secondMs,
  targetId,
} from '@headroom/core';
import type {
  Decision,
  Instant,
  LogEvent,
  Millis,
  Override,
  PooledDeployment,
  QuotaPoolPolicy,
  ReadCommand,
  ScaleCommand,
  TargetId,
  TopicMessage,
} from '@headroom/core';
import { decodeSnapshot, encodeSnapshot } from '@headroom/wire';

export const account = targetId(
  '/subscriptions/s/resourceGroups/rg/providers/Microsoft.CognitiveServices/accounts/openai',
);
export const poolId = targetId(
  '/subscriptions/s/providers/Microsoft.CognitiveServices/locations/westeurope/usages/OpenAI.Standard.gpt-4o',
);
export const begin = instant(Date.UTC(2026, 0, 5));

/** Tokens and calls of a second; calls that were answered 429. */
export interface Use {
  readonly tokens: number;
  readonly served: number;
  readonly throttled?: number;
}

interface Options {
  readonly quota: number;
  readonly policy?: Partial<QuotaPoolPolicy>;
  readonly overrides?: readonly Override[];
  /** How long the provider takes to change a capacity; at once by default. */
  readonly scaleMs?: Millis;
}

const identity = { logId: 'log', partition: 0, codeVersion: 'test' };

/** Model deployments of one quota and a scaler that sets their capacities, around the real fold of one partition. */
export class VirtualSubscription {
  now: Instant = begin;
  readonly decisions: Decision[] = [];
  readonly messages: TopicMessage[] = [];
  readonly capacities = new Map<TargetId, number>();
  readonly quota: number;
  /** Taken by somebody else. */
  stolen = 0;
  /** What the scaler does with a command instead of carrying it out. */
  onScale: ((command: ScaleCommand) => 'lost' | 'carryOut') | undefined;
  #fold = new PartitionFold(identity);
  #sequence = -1;
  #source = 0;
  #version = 0;
  readonly #pending: { readonly at: Instant; readonly event: () => LogEvent }[] = [];
  readonly #scaleMs: Millis;
  readonly #deployments: readonly PooledDeployment[];

  /** `capacities` by the deployments' names, each with a guarantee of 10 and no maximum but the quota. */
  constructor(capacities: Readonly<Record<string, number>>, options: Options) {
    const { quota, policy, overrides, scaleMs = 0 } = options;
    this.quota = quota;
    this.#scaleMs = scaleMs;
    for (const [name, capacity] of Object.entries(capacities)) {
      this.capacities.set(deployment(name), capacity);
    }
    const bounds = { guarantee: 10, maximum: quota, priority: 1, minimum: 1, step: 1 };
    this.#deployments = [...this.capacities.keys()].map((target) => ({ target, ...bounds }));
    this.apply(policy, overrides);
  }

  apply(policy: Partial<QuotaPoolPolicy> = {}, overrides: readonly Override[] = []): void {
    const pool = { id: poolId, name: 'gpt-4o', deployments: this.#deployments };
    const whole = { ...defaultQuotaPoolPolicy, ...policy };
    const content = { kind: 'quotaPool', pool, policy: whole, overrides } as const;
    const version = ++this.#version;
    this.happens([{ kind: 'setting', version: { target: poolId, id: poolId, version, content } }]);
  }

  get free(): number {
    let sum = this.stolen;
    for (const capacity of this.capacities.values()) sum += capacity;
    return this.quota - sum;
  }

  capacity(name: string): number | undefined {
    return this.capacities.get(deployment(name));
  }

  /** `seconds` in which the deployments are used so each. */
  run(seconds: number, use: Readonly<Record<string, Use>>): this {
    for (let second = 0; second < seconds; second++) {
      const told = Object.entries(use).flatMap(([name, one]) => this.#tell(name, one));
      this.now = after(this.now, secondMs);
      this.happens([...told, { kind: 'tick' }]);
    }
    return this;
  }

  /** An instance of the gateway whose clock is ahead tells its part. */
  ahead(name: string, use: Use, ms: Millis): void {
    this.happens(this.#tell(name, use, ms));
  }

  /** The process dies: what goes on is what was in its last snapshot, through its bytes. */
  restart(): void {
    this.#fold = reborn(this.#fold);
  }

  /** The actions, as `deployment from → to`. */
  get actions(): readonly string[] {
    return this.decisions
      .filter(({ outcome }) => outcome !== 'Hold')
      .map(({ target, capacity }) => `${nameOf(target)} ${capacity.before} → ${capacity.after}`);
  }

  happens(events: readonly LogEvent[]): void {
    this.#sequence++;
    const said = this.#fold.applyMessage(this.#sequence, this.now, events);
    this.messages.push(...said);
    for (const message of said) {
      const decision = decisionOf(message);
      if (decision !== undefined) this.decisions.push(decision);
      if (message.kind === 'scale') this.#scale(message.command);
      if (message.kind === 'read') this.#read(message.command);
    }
    const due = this.#pending.filter(({ at }) => at <= this.now);
    if (due.length === 0) return;
    this.#pending.splice(
      0,
      this.#pending.length,
      ...this.#pending.filter(({ at }) => at > this.now),
    );
    this.happens(due.map(({ event }) => event()));
  }

  #tell(name: string, { tokens, served, throttled = 0 }: Use, ms = 0): readonly LogEvent[] {
    const calls = limitMetrics.modelRequests;
    return [
      this.#frame(limitMetrics.tokens, tokens, name, undefined, ms),
      this.#frame(calls, served, name, '200', ms),
      ...(throttled > 0 ? [this.#frame(calls, throttled, name, '429', ms)] : []),
    ];
  }

  #frame(metric: string, total: number, name: string, status?: string, aheadMs = 0): LogEvent {
    const dimensions: [string, string][] = [['ModelDeploymentName', name]];
    if (status !== undefined) dimensions.push(['StatusCode', status]);
    const series = { resource: account, metric: metric.toLowerCase(), dimensions };
    const values = { count: 1, total, minimum: total, maximum: total };
    const time = after(this.now, aheadMs);
    const sample = { series, time, grainMs: secondMs, ...values };
    const position = { sequence: this.#source++, index: 0 };
    const samples = [{ sample, position }];
    return {
      kind: 'frame',
      ...{ source: 'metrics/0#push', path: 'push', first: position, last: position, samples },
    };
  }

  #scale(command: ScaleCommand): void {
    if (this.onScale?.(command) === 'lost') return;
    this.#pending.push({
      at: after(this.now, this.#scaleMs),
      event: () => this.#carryOut(command),
    });
  }

  #carryOut({ id: commandId, target, to, source }: ScaleCommand): LogEvent {
    const before = this.capacities.get(target) ?? 0;
    const fits = to - before <= this.free;
    if (fits) this.capacities.set(target, to);
    const kind = fits ? 'Applied' : 'QuotaExceeded';
    const capacity = fits ? to : before;
    const ended = { kind, reachedProvider: true, capacity, detail: '' } as const;
    const outcome = { id: `o${commandId}`, commandId, target, to, source, at: this.now, ...ended };
    return { kind: 'outcome', outcome };
  }

  #read({ id: commandId, target }: ReadCommand): void {
    const instances = target === poolId ? this.free : this.capacities.get(target);
    if (instances === undefined) return;
    const observation = { target, commandId, instances, detail: '', at: this.now };
    this.#pending.push({ at: this.now, event: () => ({ kind: 'capacity', observation }) });
  }
}

export function deployment(name: string): TargetId {
  return targetId(`${account}/deployments/${name}`);
}

/** What goes on after a death: what the fold's snapshot holds, through its bytes. */
export function reborn(fold: PartitionFold): PartitionFold {
  const snapshot = decodeSnapshot(encodeSnapshot(fold.snapshot()));
  if (!snapshot.ok) throw new Error(JSON.stringify(snapshot.error));
  return PartitionFold.restore(fold.identity, snapshot.value);
}

/** What was decided, if the message says that. */
export function decisionOf(message: TopicMessage): Decision | undefined {
  return message.kind === 'decision' || message.kind === 'scale' ? message.decision : undefined;
}

function nameOf(target: TargetId): string {
  return target.slice(target.lastIndexOf('/') + 1);
}
