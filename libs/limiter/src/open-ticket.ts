import type { Instant } from '@headroom/core';
import type { End, Served, Ticket } from './admission.ts';
import type { ForwardClock } from './clocks.ts';
import type { AccountCounts } from './counts.ts';
import { costMicros } from './price.ts';
import type { RuleLimit } from './rule-limit.ts';
import type { Reservation, SharedBudget } from './shared-budget.ts';
import type { SharedLimit } from './shared-limit.ts';

/** What an admitted call holds until it is settled. */
export interface Held {
  readonly clock: ForwardClock;
  readonly counts: AccountCounts;
  readonly rule: RuleLimit;
  readonly deployment: string | undefined;
  readonly tokens: HeldTokens | undefined;
  /** Empty: it costs nothing that is capped. */
  readonly money: readonly HeldMoney[];
  /** Its highest price. */
  readonly costMicros: number;
}

export interface HeldTokens {
  readonly limit: SharedLimit;
  readonly amount: number;
  readonly entry: number;
}

export interface HeldMoney {
  readonly budget: SharedBudget;
  readonly reservation: Reservation;
}

export class OpenTicket implements Ticket {
  readonly #held: Held;
  #isSettled = false;

  constructor(held: Held) {
    this.#held = held;
  }

  get key(): string {
    return this.#held.rule.key;
  }

  settle(end: End, now: Instant): void {
    if (this.#isSettled) return;
    this.#isSettled = true;
    this.#count(end);
    this.#settleTokens(end, now);
    this.#settleMoney(end);
  }

  #count(end: End): void {
    const { rule, counts, deployment } = this.#held;
    if (end.latencyMs !== undefined) rule.counts.took(end.latencyMs);
    if (deployment !== undefined && end.statusCode !== undefined) {
      counts.deployments.answered(deployment, end.statusCode);
    }
    if (end.kind === 'failed') {
      if (end.blockedBy !== undefined) rule.counts.blocked(end.blockedBy);
      return;
    }
    rule.counts.successful++;
    if (deployment === undefined || end.usage === undefined) return;
    counts.deployments.used(deployment, end.usage.inputTokens, end.usage.outputTokens);
  }

  #settleTokens(end: End, now: Instant): void {
    const { tokens, clock } = this.#held;
    if (tokens === undefined) return;
    const used = tokensOf(end) ?? tokens.amount;
    if (used <= tokens.amount) tokens.limit.giveBack(tokens.entry, tokens.amount - used);
    else tokens.limit.take(used - tokens.amount, clock.at(now));
  }

  #settleMoney(end: End): void {
    const cost = end.kind === 'failed' ? 0 : this.#costOf(end);
    this.#held.counts.spendMicros += cost;
    for (const { budget, reservation } of this.#held.money) budget.settle(reservation, cost);
  }

  #costOf({ usage }: Served): number {
    const { rule, costMicros: reserved } = this.#held;
    if (usage === undefined || rule.price === undefined) return reserved;
    return costMicros(rule.price, usage.inputTokens, usage.outputTokens);
  }
}

function tokensOf(end: End): number | undefined {
  if (end.kind === 'failed') return 0;
  return end.usage && end.usage.inputTokens + end.usage.outputTokens;
}
