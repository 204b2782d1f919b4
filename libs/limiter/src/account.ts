import { assert, limitTarget, minuteMs, priceOf, secondMs, tpsOf } from '@headroom/core';
import type {
  AiAccount,
  BlockedBy,
  Instant,
  Millis,
  RateLimitPolicy,
  TargetId,
  ThrottlingRule,
} from '@headroom/core';
import { statusOf } from './admission.ts';
import type { Admission, Call, Standing } from './admission.ts';
import type { ForwardClock } from './clocks.ts';
import { AccountCounts } from './counts.ts';
import { OpenTicket } from './open-ticket.ts';
import { noShareRetryMs } from './named-limits.ts';
import { costMicros } from './price.ts';
import { RuleLimit } from './rule-limit.ts';
import { RuleMatch } from './rule-match.ts';
import type { SharedBudget } from './shared-budget.ts';
import { SharedLimit } from './shared-limit.ts';
import type { SharedPool } from './shared-pool.ts';
import type { AccountTally } from './tally.ts';

export interface AccountSetting {
  readonly account: AiAccount;
  readonly policy: RateLimitPolicy;
}

/** Limits in force, calls a second by the rule's key in lower case. */
export type TpsByKey = ReadonlyMap<string, number>;

const nothingHeld = [] as const;

/** The limits of one account at work. */
export class Account {
  readonly id: TargetId;
  /** Of the account, and of its group. */
  budgets: readonly SharedBudget[] = [];
  readonly #clock: ForwardClock;
  readonly #counts = new AccountCounts();
  #setting: AccountSetting;
  #match: RuleMatch;
  readonly #rules = new Map<string, RuleLimit>();
  readonly #ruleLimits = new Map<ThrottlingRule, RuleLimit>();
  /** By deployment in lower case. */
  readonly #tokens = new Map<string, SharedLimit>();

  constructor(setting: AccountSetting, tps: TpsByKey, clock: ForwardClock) {
    this.id = setting.account.id;
    this.#clock = clock;
    this.#setting = setting;
    this.#match = new RuleMatch([]);
    this.set(setting, tps);
  }

  get policy(): RateLimitPolicy {
    return this.#setting.policy;
  }

  *pools(): Generator<SharedPool> {
    for (const { limit } of this.#rules.values()) yield limit;
    yield* this.#tokens.values();
  }

  /** Another version, or other limits in force. What was counted under a key stays counted. */
  set(setting: AccountSetting, tps: TpsByKey): void {
    this.#setting = setting;
    this.#match = new RuleMatch(setting.account.rules);
    this.#ruleLimits.clear();
    for (const rule of this.#match.rules) this.#setRule(rule, tps);
    const inForce = new Set(this.#ruleLimits.values());
    for (const [key, rule] of this.#rules) if (!inForce.has(rule)) this.#rules.delete(key);
    this.#setTokens();
  }

  setTps(tps: TpsByKey): void {
    for (const rule of this.#match.rules) this.#setRule(rule, tps);
  }

  admit(call: Call, now: Instant): Admission {
    const time = this.#clock.at(now);
    const rule = this.#ruleOf(call);
    rule.counts.total++;
    this.#counts.callers.count(call.caller);
    const deployment = call.deployment?.toLowerCase();
    const limit = deployment === undefined ? undefined : this.#tokens.get(deployment);
    const { input, output } = call.tokens ?? { input: 0, output: 0 };
    const asked = { call, rule, time, deployment, limit, tokens: input + output };
    const cost = rule.price === undefined ? 0 : costMicros(rule.price, input, output);
    const by = this.#isBeyond(asked, cost) ? 'TooLarge' : this.#refusal(asked, cost);
    if (by !== undefined) return this.#blocked(asked, by);
    rule.take(call.caller, time);
    const ticket = new OpenTicket({
      clock: this.#clock,
      counts: this.#counts,
      rule,
      deployment,
      tokens: limit && { limit, amount: asked.tokens, entry: limit.take(asked.tokens, time) },
      money:
        cost === 0
          ? nothingHeld
          : this.budgets.map((budget) => ({ budget, reservation: budget.reserve(cost) })),
      costMicros: cost,
    });
    return { kind: 'admitted', ticket, standing: standing(asked) };
  }

  drain(time: Instant): AccountTally {
    const keys = [...this.#rules.values()].map((rule) => rule.drain(time));
    return { account: this.id, keys, ...this.#counts.drain() };
  }

  #ruleOf({ method, path }: Call): RuleLimit {
    const limit = this.#ruleLimits.get(this.#match.find(method, path));
    assert(limit !== undefined, 'every rule of the match was set');
    return limit;
  }

  /** It will never pass, so it is no demand either. */
  #isBeyond({ limit, tokens }: Asked, cost: number): boolean {
    if (limit !== undefined && !limit.holds(tokens)) return true;
    return cost !== 0 && this.budgets.some((budget) => !budget.holds(cost));
  }

  #refusal({ call, rule, time, limit, tokens }: Asked, cost: number): BlockedBy | undefined {
    limit?.ask(tokens);
    const by = rule.refuses(call.method, call.caller, time);
    if (by !== undefined) return by;
    if (limit?.isAway(time) === true) return 'Away';
    if (limit !== undefined && !limit.fits(tokens, time)) return 'Tokens';
    return cost === 0 ? undefined : this.#moneyRefusal(cost, time);
  }

  #moneyRefusal(cost: number, time: Instant): 'Away' | 'Spend' | undefined {
    let by: 'Away' | 'Spend' | undefined;
    for (const budget of this.budgets) {
      budget.ask(cost);
      if (!budget.fits(cost, time)) by = budget.isAway(time) ? 'Away' : (by ?? 'Spend');
    }
    return by;
  }

  #blocked(asked: Asked, by: BlockedBy): Admission {
    const { rule, deployment } = asked;
    rule.counts.blocked(by);
    if (deployment !== undefined) this.#counts.deployments.answered(deployment, statusOf(by));
    const blocked = { kind: 'blocked', by, key: rule.key, standing: standing(asked) } as const;
    if (by === 'TooLarge') return blocked;
    return { ...blocked, retryAfterMs: Math.max(1, Math.ceil(this.#retryIn(asked, by))) };
  }

  #retryIn({ call, rule, time, limit, tokens }: Asked, by: BlockedBy): Millis {
    if (by === 'Away') return noShareRetryMs;
    if (by === 'Spend') return this.#moneyIn(time);
    if (by === 'Tokens' && limit !== undefined) return limit.retryIn(tokens, time);
    return rule.retryIn(by, call.caller, time);
  }

  #moneyIn(time: Instant): Millis {
    let longest = 0;
    for (const budget of this.budgets) {
      const wait = budget.retryIn(time);
      if (wait > longest) longest = wait;
    }
    return longest;
  }

  #setRule(rule: ThrottlingRule, tps: TpsByKey): void {
    const { policy } = this.#setting;
    const key = rule.key.toLowerCase();
    const options = {
      rule,
      // Core's own base is in tenths of a call: ten calls a minute would be twelve.
      tps: tps.get(key) ?? policy.approvedTps[key] ?? tpsOf(rule),
      gateway: policy.gateway,
      price: priceOf(policy.spend?.prices ?? [], key),
    };
    const known = this.#rules.get(key);
    if (known !== undefined) known.set(options);
    const limit = known ?? new RuleLimit(limitTarget(this.id, key), options);
    this.#rules.set(key, limit);
    this.#ruleLimits.set(rule, limit);
  }

  #setTokens(): void {
    const { tokenLimits, whenAway } = this.#setting.policy.gateway;
    const wanted = new Set<string>();
    for (const { deployment, tokensPerMinute } of tokenLimits) {
      const name = deployment.toLowerCase();
      wanted.add(name);
      const perSecond = (tokensPerMinute * secondMs) / minuteMs;
      const inForce = { perSecond, periodMs: minuteMs, whenAway };
      const known = this.#tokens.get(name);
      if (known !== undefined) known.set(inForce);
      else this.#tokens.set(name, new SharedLimit(`${this.id}/tokens/${name}`, inForce));
    }
    for (const name of this.#tokens.keys()) if (!wanted.has(name)) this.#tokens.delete(name);
  }
}

/** A call and what it falls under. */
interface Asked {
  readonly call: Call;
  readonly rule: RuleLimit;
  readonly time: Instant;
  readonly deployment: string | undefined;
  /** Of the deployment's tokens. */
  readonly limit: SharedLimit | undefined;
  readonly tokens: number;
}

function standing({ rule, limit, time }: Asked): Standing {
  const requests = rule.limit.quota(time);
  return limit === undefined ? { requests } : { requests, tokens: limit.quota(time) };
}
