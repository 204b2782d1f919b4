import type {
  BlockedBy,
  GatewayPolicy,
  Instant,
  Millis,
  Price,
  ThrottlingRule,
} from '@headroom/core';
import { Callers } from './callers.ts';
import { KeyCounts } from './counts.ts';
import { SharedLimit } from './shared-limit.ts';
import type { LimitInForceHere } from './shared-limit.ts';
import type { KeyTally } from './tally.ts';

export interface RuleOptions {
  readonly rule: ThrottlingRule;
  /** In force, calls a second. */
  readonly tps: number;
  readonly gateway: GatewayPolicy;
  /** Absent: its calls cost nothing. */
  readonly price: Price | undefined;
}

/** One rule of an account at work: its limit, fairness among callers, price, and counts. */
export class RuleLimit {
  readonly key: string;
  readonly limit: SharedLimit;
  readonly counts = new KeyCounts();
  price: Price | undefined;
  #isOfPolls = false;
  #callerShareMax = 1;
  /** Absent: no fairness is asked for. */
  #callers: Callers | undefined;

  constructor(pool: string, options: RuleOptions) {
    this.key = options.rule.key.toLowerCase();
    this.limit = new SharedLimit(pool, limitOf(options));
    this.#set(options);
  }

  set(options: RuleOptions): void {
    if (options.rule.renewalPeriodMs !== this.limit.periodMs) this.#callers = undefined;
    this.limit.set(limitOf(options));
    this.#set(options);
  }

  /** Why there is no place for the call; `undefined`: there is one, which `take` takes. */
  refuses(method: string, caller: string, time: Instant): BlockedBy | undefined {
    const { limit } = this;
    limit.ask(1);
    if (limit.isAway(time)) return 'Away';
    const callers = this.#callers;
    if (callers !== undefined) {
      callers.ask(caller, time, limit.windowMs);
      const allowed = limit.allowed(time);
      if (!callers.mayTake(caller, this.#callerShareMax, allowed, time, limit.windowMs)) {
        return 'Caller';
      }
    }
    if (limit.fits(1, time)) return undefined;
    // A poll for a result says nothing about how much work is asked for.
    return method === 'GET' && !this.#isOfPolls ? 'Polling' : 'Rate';
  }

  retryIn(by: BlockedBy, caller: string, time: Instant): Millis {
    const { limit } = this;
    if (by !== 'Caller') return limit.retryIn(1, time);
    return this.#callers?.retryIn(caller, time, limit.windowMs) ?? limit.windowMs;
  }

  take(caller: string, time: Instant): void {
    this.limit.take(1, time);
    this.#callers?.take(caller, time, this.limit.windowMs);
  }

  drain(time: Instant): KeyTally {
    const { key, limit } = this;
    const shareTps = limit.sharePerSecond(time);
    return { key, ...this.counts.drain(), limitTps: limit.perSecond, shareTps };
  }

  #set({ rule, gateway: { callerShareMax }, price }: RuleOptions): void {
    this.price = price;
    const { matchPatterns } = rule;
    this.#isOfPolls = matchPatterns.every(({ method }) => method.toUpperCase() === 'GET');
    this.#callerShareMax = callerShareMax;
    if (callerShareMax >= 1) this.#callers = undefined;
    else this.#callers ??= new Callers(rule.renewalPeriodMs);
  }
}

function limitOf({ rule, tps, gateway }: RuleOptions): LimitInForceHere {
  return { perSecond: tps, periodMs: rule.renewalPeriodMs, whenAway: gateway.whenAway };
}
