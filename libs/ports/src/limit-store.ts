import type { Instant, LogPosition, TargetId } from '@headroom/core';

/** The limits in force of AI services accounts: set by the scaler, enforced by gateways. */
export interface LimitStore {
  /** Absent: nobody ever set a limit of the account. */
  read(account: TargetId): Promise<AccountLimits | undefined>;
  /** `stale`: what is in force was set from a later position of the same log, or by a later claim; nothing was written. */
  set(change: LimitChange): Promise<'set' | 'stale'>;
  /**
   * Calls `changed` with every account's limits, then with each change as it comes, until `signal` aborts. An account may
   * come twice. Throws when the store is lost for good; a short absence is waited for.
   */
  follow(changed: (limits: readonly AccountLimits[]) => void, signal: AbortSignal): Promise<void>;
}

export interface AccountLimits {
  readonly account: TargetId;
  readonly limits: readonly LimitInForce[];
}

export interface LimitInForce {
  /** The rule's key, in lower case. */
  readonly key: string;
  /** Calls a second. */
  readonly tps: number;
  readonly commandId: string;
  /** Absent: a command from outside. */
  readonly position?: LogPosition;
  readonly claimedAt: Instant;
}

export interface LimitChange extends LimitInForce {
  readonly account: TargetId;
}

/** Whether `change` comes after what is in force: by position where one log has both, else by the time of the claim. */
function isNewer(change: LimitInForce, held: LimitInForce | undefined): boolean {
  if (held === undefined) return true;
  const [after, before] = [change.position, held.position];
  if (after !== undefined && before !== undefined && after.logId === before.logId) {
    return after.sequence >= before.sequence;
  }
  return change.claimedAt >= held.claimedAt;
}

/** The account's limits with the change made; `undefined`: what is in force is newer. */
export function withLimit(
  held: AccountLimits | undefined,
  { account, ...change }: LimitChange,
): AccountLimits | undefined {
  const limits = held?.limits ?? [];
  if (
    !isNewer(
      change,
      limits.find(({ key }) => key === change.key),
    )
  )
    return undefined;
  return { account, limits: [...limits.filter(({ key }) => key !== change.key), change] };
}
