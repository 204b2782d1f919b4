import type { AccountLimits, GatewayPolicy, SettingVersion, TargetId } from '@headroom/core';
import type { Limiter, Renewed } from '@headroom/limiter';

export interface KnownLimitsOptions {
  /** Whose settings and limits are looked at: others' pass by. */
  readonly accounts: ReadonlySet<TargetId>;
  readonly limiter: Pick<Limiter, 'setAccount' | 'removeAccount' | 'setLimits'>;
}

/**
 * Tells the limiter what the stores say, and knows which accounts are ready: setting and limits were read, and the account
 * has had its first round of sharing them with other instances. What was known stays in force while a store is away.
 */
export class KnownLimits {
  readonly #options: KnownLimitsOptions;
  readonly #versions = new Map<TargetId, number>();
  readonly #known = new Map<TargetId, GatewayPolicy['whenAway']>();
  readonly #ready = new Set<TargetId>();
  readonly #read = { settings: false, limits: false };
  readonly #both = Promise.withResolvers<undefined>();
  #isShared = false;

  constructor(options: KnownLimitsOptions) {
    this.#options = options;
  }

  /** Resolves when both stores were read for the first time. */
  get read(): Promise<unknown> {
    return this.#both.promise;
  }

  /** Whether the stores were read, and what they had was shared: accounts that are missing now have no setting. */
  get isComplete(): boolean {
    return this.#isShared;
  }

  /** For the health page: accounts without limits, each with what it waits for. */
  get missing(): readonly { readonly account: TargetId; readonly waitsFor: string }[] {
    return [...this.#options.accounts]
      .filter((account) => !this.#ready.has(account))
      .map((account) => ({ account, waitsFor: this.#waitsFor(account) }));
  }

  readonly isReady = (account: TargetId): boolean => this.#ready.has(account);

  readonly settingsChanged = (versions: readonly SettingVersion[]): void => {
    for (const version of versions) {
      if (this.#options.accounts.has(version.target) && this.#isNewer(version)) this.#take(version);
    }
    this.#wasRead('settings');
  };

  readonly limitsChanged = (limits: readonly AccountLimits[]): void => {
    for (const one of limits) {
      if (this.#options.accounts.has(one.account)) this.#options.limiter.setLimits(one);
    }
    this.#wasRead('limits');
  };

  /**
   * Shares the limits with other instances by `renew`. Accounts that were known before it are ready after it, unless it
   * failed for them and they are closed without: nobody is over a limit of which this instance never had a part.
   */
  async share(renew: () => Promise<Renewed>): Promise<Renewed> {
    const known = [...this.#known.keys()];
    const renewed = await renew();
    for (const account of known) {
      const whenAway = this.#known.get(account);
      const failed = renewed.failed.some(({ pool }) => pool.startsWith(`${account}/`));
      if (whenAway === 'open' || (whenAway === 'closed' && !failed)) this.#ready.add(account);
    }
    this.#isShared = true;
    return renewed;
  }

  /** A full read may bring an older version than the change that overtook it. */
  #isNewer({ target, version }: SettingVersion): boolean {
    const known = this.#versions.get(target) ?? 0;
    this.#versions.set(target, Math.max(known, version));
    return version > known;
  }

  #take({ target, content }: SettingVersion): void {
    switch (content.kind) {
      case 'rateLimit':
        this.#options.limiter.setAccount(content);
        this.#known.set(target, content.policy.gateway.whenAway);
        break;
      // Limits that nobody can read take none out of force. The other is never in a store.
      case 'unreadable':
      case 'moved':
        break;
      case 'tombstone':
      case 'setting':
      case 'quotaPool':
        this.#options.limiter.removeAccount(target);
        this.#known.delete(target);
        this.#ready.delete(target);
    }
  }

  #wasRead(store: 'settings' | 'limits'): void {
    this.#read[store] = true;
    if (this.#read.settings && this.#read.limits) this.#both.resolve(undefined);
  }

  #waitsFor(account: TargetId): string {
    if (!this.#read.settings) return 'the store of settings has not answered yet';
    if (!this.#known.has(account)) return 'no setting of this account: headroom apply makes one';
    if (!this.#read.limits) return 'the store of limits has not answered yet';
    return 'its limits are being shared with other instances';
  }
}
