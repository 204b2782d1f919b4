import { withLimit } from '@headroom/core';
import type { AccountLimits, LimitChange, TargetId } from '@headroom/core';
import type { LimitStore } from '@headroom/ports';
import { Bell } from './bell.ts';

export class MemoryLimits implements LimitStore {
  readonly #kept = new Map<TargetId, AccountLimits>();
  readonly #bell = new Bell();

  read(account: TargetId): Promise<AccountLimits | undefined> {
    return Promise.resolve(this.#kept.get(account));
  }

  set(change: LimitChange): Promise<'set' | 'stale'> {
    const next = withLimit(this.#kept.get(change.account), change);
    if (next === undefined) return Promise.resolve('stale');
    this.#kept.set(change.account, next);
    this.#bell.ring();
    return Promise.resolve('set');
  }

  async follow(
    changed: (limits: readonly AccountLimits[]) => void,
    signal: AbortSignal,
  ): Promise<void> {
    const told = new Map<TargetId, AccountLimits>();
    for (let first = true; !signal.aborted; first = false) {
      const seen = this.#bell.count;
      const news = [...this.#kept.values()].filter((one) => told.get(one.account) !== one);
      for (const one of news) told.set(one.account, one);
      if (first || news.length > 0) changed(news);
      await this.#bell.after(seen, signal);
    }
  }
}
