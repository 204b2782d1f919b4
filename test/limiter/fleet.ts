import {
  after,
  defaultRateLimitPolicy,
  defaultRule,
  instant,
  secondMs,
  targetId,
} from '@headroom/core';
import type {
  AiAccount,
  Instant,
  Millis,
  RateLimitPolicy,
  TargetId,
  ThrottlingRule,
} from '@headroom/core';
import { Limiter, Renewals } from '@headroom/limiter';
import type { Admission, Call, End } from '@headroom/limiter';
import { MemoryShares } from '@headroom/memory';
import type { Replaced, Shares, ShareStore, VersionedShares } from '@headroom/ports';

export const begin = instant(Date.UTC(2026, 0, 5));

export const vision = targetId(
  '/subscriptions/s/resourceGroups/rg/providers/Microsoft.CognitiveServices/accounts/vision',
);

export function account(rules: readonly ThrottlingRule[] = [defaultRule]): AiAccount {
  return {
    ...{ id: vision, name: 'vision', kind: 'ComputerVision', sku: 'S1' },
    ...{ dynamicThrottlingEnabled: true, capabilities: ['DynamicThrottling'], rules },
  };
}

/** One rule for everything. */
export function perSecond(count: number, renewalPeriodMs: Millis = secondMs): ThrottlingRule {
  return { ...defaultRule, count, renewalPeriodMs };
}

export function policy(changes: Partial<RateLimitPolicy> = {}): RateLimitPolicy {
  return { ...defaultRateLimitPolicy, ...changes };
}

/** A store that may be away, or lose the answer of a write. */
export class FlakyShares implements ShareStore {
  isAway = false;
  /** Answers whether the next request goes wrong, before or after it took effect. */
  fault: () => 'none' | 'before' | 'after' = () => 'none';
  /** Faults are of writes only. */
  readsWell = false;
  requests = 0;
  readonly kept = new MemoryShares();

  async read(pool: string): Promise<VersionedShares | undefined> {
    this.requests++;
    if (this.isAway || (!this.readsWell && this.fault() !== 'none')) throw new Error('away');
    return await this.kept.read(pool);
  }

  async replace(shares: Shares, etag: string | undefined): Promise<Replaced> {
    this.requests++;
    const fault = this.fault();
    if (this.isAway || fault === 'before') throw new Error('away');
    const replaced = await this.kept.replace(shares, etag);
    if (fault === 'after') throw new Error('no answer');
    return replaced;
  }
}

let started = 0;

/** A gateway's limiter with its loop. Its clock may be off. */
export class Gateway {
  readonly limiter: Limiter;
  readonly #renewals: Renewals;
  clockOffMs = 0;
  isAlive = true;

  constructor(shares: ShareStore) {
    this.limiter = new Limiter({ holder: `gateway-${++started}` });
    this.#renewals = new Renewals({ limiter: this.limiter, shares });
  }

  async renew(now: Instant): Promise<number> {
    return (await this.#renewals.renew(after(now, this.clockOffMs))).failed.length;
  }

  async release(now: Instant): Promise<void> {
    await this.#renewals.release(after(now, this.clockOffMs));
    this.isAlive = false;
  }

  call(now: Instant, changes: Partial<Call> = {}): Admission {
    const call = { account: vision, method: 'POST', path: '/vision/analyze', caller: 'ann' };
    return this.limiter.admit({ ...call, ...changes }, after(now, this.clockOffMs));
  }

  /** Whether it was let in; then it ended at once. */
  passes(now: Instant, changes: Partial<Call> = {}, end: End = { kind: 'served' }): boolean {
    const admission = this.call(now, changes);
    if (admission.kind === 'blocked') return false;
    admission.ticket.settle(end, after(now, this.clockOffMs));
    return true;
  }
}

/** Gateways that share one store, at virtual time; each renews once a second, at a phase of its own. */
export class Fleet {
  now = begin;
  readonly shares = new FlakyShares();
  readonly gateways: Gateway[] = [];
  #setting: { readonly account: AiAccount; readonly policy: RateLimitPolicy };
  #tick = 0;

  constructor(rules: readonly ThrottlingRule[], options: Partial<RateLimitPolicy> = {}) {
    this.#setting = { account: account(rules), policy: policy(options) };
  }

  async start(count = 1): Promise<this> {
    for (let i = 0; i < count; i++) {
      const gateway = new Gateway(this.shares);
      gateway.limiter.setAccount(this.#setting);
      await gateway.renew(this.now);
      this.gateways.push(gateway);
    }
    return this;
  }

  get alive(): readonly Gateway[] {
    return this.gateways.filter(({ isAlive }) => isAlive);
  }

  set(rules: readonly ThrottlingRule[], options: Partial<RateLimitPolicy> = {}): void {
    this.#setting = { account: account(rules), policy: policy(options) };
    for (const { limiter } of this.alive) limiter.setAccount(this.#setting);
  }

  /** Beside the first one, with its rules. */
  addAccount(name: string, options: Partial<RateLimitPolicy>): TargetId {
    const id = targetId(vision.replace(/[^/]*$/, name));
    const added = { account: { ...this.#setting.account, id, name }, policy: policy(options) };
    for (const { limiter } of this.alive) limiter.setAccount(added);
    return id;
  }

  setTps(tps: number): void {
    const limit = { key: 'default', tps, commandId: 'c', claimedAt: this.now };
    for (const { limiter } of this.alive) limiter.setLimits({ account: vision, limits: [limit] });
  }

  /** Runs for `ms`, in steps of `stepMs`; `work` does what happens in each. */
  async run(ms: Millis, work: (now: Instant) => void, stepMs: Millis = 10): Promise<void> {
    for (let past = 0; past < ms; past += stepMs) {
      this.now = after(this.now, stepMs);
      const before = this.#tick;
      this.#tick += stepMs;
      for (const [index, gateway] of this.gateways.entries()) {
        const phase = (index * 317) % secondMs;
        const isDue =
          Math.floor((this.#tick + phase) / secondMs) > Math.floor((before + phase) / secondMs);
        if (gateway.isAlive && isDue) await gateway.renew(this.now);
      }
      work(this.now);
    }
  }
}

/** Amounts at times, and the most that any window holds. */
export class Ledger {
  readonly #entries: { readonly at: Instant; readonly amount: number }[] = [];

  add(at: Instant, amount = 1): void {
    this.#entries.push({ at, amount });
  }

  within(from: Instant, to: Instant): number {
    return this.#entries
      .filter(({ at }) => at >= from && at < to)
      .reduce((sum, { amount }) => sum + amount, 0);
  }

  /** Of windows that hold their end and not their beginning. */
  most(windowMs: Millis): number {
    let [first, sum, most] = [0, 0, 0];
    for (const { at, amount } of this.#entries) {
      sum += amount;
      while ((this.#entries[first]?.at ?? 0) <= at - windowMs) {
        sum -= this.#entries[first++]?.amount ?? 0;
      }
      most = Math.max(most, sum);
    }
    return most;
  }
}
