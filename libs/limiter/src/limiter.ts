import { assert } from '@headroom/core';
import type { AccountLimits, Instant, SpendCap, TargetId } from '@headroom/core';
import { Account } from './account.ts';
import type { AccountSetting, TpsByKey } from './account.ts';
import type { Admission, Call } from './admission.ts';
import { ForwardClock } from './clocks.ts';
import { SharedBudget } from './shared-budget.ts';
import type { SharedPool } from './shared-pool.ts';
import type { AccountTally } from './tally.ts';

export interface LimiterOptions {
  /** Names this instance among those that share limits: unique for each start of a process. */
  readonly holder: string;
}

const noLimits: TpsByKey = new Map();
const scopes = ['account', 'group'] as const;

/**
 * Decides which calls go through. Plain state without I/O, clock or timer: every time is an argument, and no call waits
 * for a store. What it may use of the limits that it shares with other instances comes from `Renewals`: until the first
 * renewal after `setAccount` it blocks every call where `whenAway` is `closed`, and always calls that cost capped money.
 *
 * A clock set back stops its time until the calls since then have made up for it; one set ahead ends windows and leases
 * early, but frees no money.
 */
export class Limiter {
  readonly holder: string;
  readonly #clock = new ForwardClock();
  readonly #accounts = new Map<TargetId, Account>();
  readonly #limits = new Map<TargetId, TpsByKey>();
  /** By the name of the pool. */
  readonly #budgets = new Map<string, SharedBudget>();

  constructor({ holder }: LimiterOptions) {
    this.holder = holder;
  }

  /** Puts an account, or a new version of it, to work. What was counted under a rule's key stays counted. */
  setAccount(setting: AccountSetting): void {
    const { id } = setting.account;
    const limits = this.#limits.get(id) ?? noLimits;
    const known = this.#accounts.get(id);
    if (known === undefined) this.#accounts.set(id, new Account(setting, limits, this.#clock));
    else known.set(setting, limits);
    this.#setBudgets();
  }

  removeAccount(id: TargetId): void {
    this.#accounts.delete(id);
    this.#setBudgets();
  }

  /** Limits in force as the scaler set them; may come before the account does. A key without one has its rule's default. */
  setLimits({ account, limits }: AccountLimits): void {
    const tps = new Map(limits.map((limit) => [limit.key, limit.tps]));
    this.#limits.set(account, tps);
    this.#accounts.get(account)?.setTps(tps);
  }

  has(account: TargetId): boolean {
    return this.#accounts.has(account);
  }

  /** Of an account that is known. */
  admit(call: Call, now: Instant): Admission {
    const account = this.#accounts.get(call.account);
    assert(account !== undefined, `admit: ${call.account} is not known here`);
    return account.admit(call, now);
  }

  /** What was counted since the last drain. */
  drain(now: Instant): readonly AccountTally[] {
    const time = this.#clock.at(now);
    return [...this.#accounts.values()].map((account) => account.drain(time));
  }

  /** Time as it passes here: it never goes back. */
  timeAt(now: Instant): Instant {
    return this.#clock.at(now);
  }

  get time(): Instant {
    return this.#clock.time;
  }

  /** What is shared with other instances, for `Renewals`. */
  *pools(): Generator<SharedPool> {
    for (const account of this.#accounts.values()) yield* account.pools();
    yield* this.#budgets.values();
  }

  /** Everything in a group draws on the group's budget, also an account that names no cap itself. */
  #setBudgets(): void {
    const members = new Map<string, Account[]>();
    for (const account of this.#accounts.values()) {
      for (const scope of scopes) {
        const name = poolOf(account, scope);
        members.set(name, [...(members.get(name) ?? []), account]);
      }
    }
    for (const name of this.#budgets.keys()) if (!members.has(name)) this.#budgets.delete(name);
    for (const [name, accounts] of members) this.#setBudget(name, accounts);
    for (const account of this.#accounts.values()) {
      account.budgets = scopes.flatMap((scope) => this.#budgets.get(poolOf(account, scope)) ?? []);
    }
  }

  #setBudget(name: string, members: readonly Account[]): void {
    const spend = members.flatMap(({ policy }) => policy.spend ?? []);
    const scope = scopes.find((one) => members.some((account) => poolOf(account, one) === name));
    const caps = spend.flatMap((one) => one.caps.filter(({ of }) => of === scope));
    if (caps.length === 0) {
      this.#budgets.delete(name);
      return;
    }
    const budget = this.#budgets.get(name) ?? new SharedBudget(name);
    this.#budgets.set(name, budget);
    budget.set(
      caps,
      spend.flatMap(({ prices }) => prices.map((one) => one.perCallMicros)),
    );
  }
}

/** As core's: an account without a group is one of its own. */
function poolOf({ id, policy }: Account, scope: SpendCap['of']): string {
  return scope === 'account' ? `${id}/spend` : `groups/${policy.group ?? id}/spend`;
}
