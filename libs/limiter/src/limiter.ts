import { assert } from '@headroom/core';
import type { AiAccount, Instant, RateLimitPolicy, TargetId } from '@headroom/core';
import type { AccountLimits } from '@headroom/ports';
import type { Admission, Call } from './admission.ts';
import type { AccountTally } from './tally.ts';

export interface LimiterOptions {
  /** Names this instance among those that share limits: unique for each start of a process. */
  readonly holder: string;
}

/**
 * Decides which calls go through. Plain state without I/O, clock or timer: every time is an argument, and no call waits
 * for a store. What limits it may use of those shared with other instances comes from `Renewals`.
 */
export class Limiter {
  readonly holder: string;

  constructor({ holder }: LimiterOptions) {
    this.holder = holder;
  }

  /** Puts an account, or a new version of it, to work. What was counted under a rule's key stays counted. */
  setAccount(_setting: { readonly account: AiAccount; readonly policy: RateLimitPolicy }): void {
    assert(false, 'not yet');
  }

  removeAccount(_id: TargetId): void {
    assert(false, 'not yet');
  }

  /** Limits in force as the scaler set them; may come before the account does. A key without one has its rule's default. */
  setLimits(_limits: AccountLimits): void {
    assert(false, 'not yet');
  }

  /** The account must be known: see `has`. */
  admit(_call: Call, _now: Instant): Admission {
    assert(false, 'not yet');
  }

  has(_account: TargetId): boolean {
    assert(false, 'not yet');
  }

  /** What was counted since the last drain. */
  drain(_now: Instant): readonly AccountTally[] {
    assert(false, 'not yet');
  }
}
