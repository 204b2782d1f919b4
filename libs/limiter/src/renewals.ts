import { assert } from '@headroom/core';
import type { Instant } from '@headroom/core';
import type { ShareStore } from '@headroom/ports';
import type { Limiter } from './limiter.ts';

export interface RenewalsOptions {
  readonly limiter: Limiter;
  readonly shares: ShareStore;
}

/** What came of one round. Pools that failed keep their slices until they expire, and are tried again in the next one. */
export interface Renewed {
  readonly renewed: number;
  readonly failed: readonly { readonly pool: string; readonly error: unknown }[];
}

/** Keeps the limiter's slices of the limits and budgets that it shares with other instances. */
export class Renewals {
  constructor(_options: RenewalsOptions) {
    assert(true, 'not yet');
  }

  /**
   * To be called about once a second, one call at a time; the first one before calls are let in. Never rejects because
   * the store is away: the answer says so.
   */
  renew(_now: Instant): Promise<Renewed> {
    assert(false, 'not yet');
  }

  /** Gives everything back that is not in use: at the end of a process, after its last call. */
  release(_now: Instant): Promise<Renewed> {
    assert(false, 'not yet');
  }
}
