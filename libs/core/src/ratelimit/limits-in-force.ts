import type { Instant } from '../lang/instant.ts';
import type { TargetId } from '../lang/target.ts';
import type { LogPosition } from '../decision/decision.ts';

/** The limits in force of an AI services account: set by the scaler, enforced by a gateway. */
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

/** The account's limits with the change made; `undefined`: what is in force is newer, and stays. */
export function withLimit(
  held: AccountLimits | undefined,
  { account, ...change }: LimitChange,
): AccountLimits | undefined {
  const limits = held?.limits ?? [];
  const before = limits.find(({ key }) => key === change.key);
  if (!isNewer(change, before)) return undefined;
  return { account, limits: [...limits.filter((one) => one !== before), change] };
}

/**
 * Whether `change` comes after what is in force: by position where one
 * partition of a log has both, else by the time of the claim.
 */
function isNewer(change: LimitInForce, held: LimitInForce | undefined): boolean {
  if (held === undefined) return true;
  const [after, before] = [change.position, held.position];
  const isOneCount = after?.logId === before?.logId && after?.partition === before?.partition;
  if (after !== undefined && before !== undefined && isOneCount) {
    return after.sequence >= before.sequence;
  }
  return change.claimedAt >= held.claimedAt;
}
