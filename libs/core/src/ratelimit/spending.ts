import { hourMs, secondMs } from '../lang/instant.ts';
import type { Instant } from '../lang/instant.ts';
import type { SpendFacts } from '../decision/limit-facts.ts';
import { priceOf } from '../setting/rate-limit-policy.ts';
import type { Price, SpendCap, SpendPolicy } from '../setting/rate-limit-policy.ts';
import { SlidingSums } from './sliding-sums.ts';
import type { SumsSnapshot } from './sliding-sums.ts';

/** Whose spending a cap bounds: an account, or a group of them. */
export interface Spender {
  /** Micros, in the window that ends now. */
  spent(per: SpendCap['per'], now: Instant): number;
  /** Micros a second, if every limit were used to the full. */
  fullUseMicros(now: Instant): number;
}

/** A limit that may be raised, and what a call under it costs: micros, `undefined` where nobody knows yet. */
export interface PricedLimit {
  readonly tps: number;
  readonly costMicros: number | undefined;
}

/**
 * What is left of the caps for a limit. A raise is bounded so that an hour at full use of everything under a cap stays within
 * what is left of it; what the calls really cost is the gateway's to enforce.
 */
export function spendFacts(
  { caps, currency }: SpendPolicy,
  { tps, costMicros }: PricedLimit,
  spenders: Readonly<Record<SpendCap['of'], Spender>>,
  now: Instant,
): SpendFacts {
  let boundTps = Infinity;
  for (const cap of caps) {
    const spender = spenders[cap.of];
    const spent = spender.spent(cap.per, now);
    const left = cap.amountMicros - spent;
    if (left <= 0) return { breach: breachText(cap, spent, currency), boundTps: 0 };
    if (costMicros === undefined) boundTps = 0;
    else if (costMicros > 0) {
      const others = spender.fullUseMicros(now) - tps * costMicros;
      const mine = left * (secondMs / hourMs) - Math.max(0, others);
      boundTps = Math.min(boundTps, Math.max(0, mine) / costMicros);
    }
  }
  return boundTps === Infinity ? {} : { boundTps };
}

function breachText({ of, per, amountMicros }: SpendCap, spent: number, currency: string): string {
  const whose = of === 'group' ? 'the group' : 'the account';
  const sum = (micros: number) => `${(micros / 1_000_000).toFixed(2)} ${currency}`;
  return `${whose} spent ${sum(spent)} of ${sum(amountMicros)} in the last ${per}`;
}

export interface CostsSnapshot {
  readonly spent: SumsSnapshot;
  readonly successful: SumsSnapshot;
}

/** What an account's calls cost, as its gateways tell it. */
export class CallCosts {
  readonly #spent: SlidingSums;
  readonly #successful: SlidingSums;

  constructor(snapshot?: CostsSnapshot) {
    this.#spent = new SlidingSums(snapshot?.spent);
    this.#successful = new SlidingSums(snapshot?.successful);
  }

  sawSpend(at: Instant, micros: number): void {
    this.#spent.add(at, micros);
  }

  sawCalls(at: Instant, calls: number): void {
    this.#successful.add(at, calls);
  }

  spent(per: SpendCap['per'], now: Instant): number {
    return this.#spent.sum(per, now);
  }

  /** Of a call under the rule: its price or what one cost in the last hour, whichever is more. */
  costMicros(prices: readonly Price[], key: string, now: Instant): number | undefined {
    const price = priceOf(prices, key) ?? free;
    const { perCallMicros, perInputTokenMicros, perOutputTokenMicros } = price;
    const calls = this.#successful.sum('hour', now);
    const spent = this.#spent.sum('hour', now);
    const paysForTokens = perInputTokenMicros > 0 || perOutputTokenMicros > 0;
    if (paysForTokens && (calls === 0 || spent === 0)) return undefined;
    return Math.max(perCallMicros, calls === 0 ? 0 : spent / calls);
  }

  snapshot(now: Instant): CostsSnapshot {
    this.#spent.trim(now);
    this.#successful.trim(now);
    return { spent: this.#spent.snapshot(), successful: this.#successful.snapshot() };
  }
}

const free = { perCallMicros: 0, perInputTokenMicros: 0, perOutputTokenMicros: 0 };
