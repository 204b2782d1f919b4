import type { AccountLimits, LimitChange, TargetId } from '@headroom/core';
import type { ProviderRefusal } from './scale-target.ts';

/**
 * What holds the limits of AI services accounts, for a gateway that enforces them. A gateway of somebody else's that does not
 * answer is `ProviderUnavailable`: commands for its limits wait for it, and no others.
 */
export interface LimitController {
  /** Absent: nobody ever set a limit of the account. */
  read(account: TargetId): Promise<AccountLimits | ProviderRefusal | undefined>;
  /**
   * `stale`: what is in force was set from a later position of the same log, or by a later claim; nothing was written. So an
   * older writer does no harm, however late it comes.
   */
  set(change: LimitChange): Promise<'set' | 'stale' | ProviderRefusal>;
}

/** The controller of our own gateways. */
export interface LimitStore extends LimitController {
  read(account: TargetId): Promise<AccountLimits | undefined>;
  set(change: LimitChange): Promise<'set' | 'stale'>;
  /**
   * Calls `changed` with every account's limits, then with each change as it comes, until `signal` aborts. An account may
   * come twice. Throws when the store is lost for good; a short absence is waited for.
   */
  follow(changed: (limits: readonly AccountLimits[]) => void, signal: AbortSignal): Promise<void>;
}
