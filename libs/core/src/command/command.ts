import type { Instant } from '../lang/instant.ts';
import type { TargetId } from '../lang/target.ts';
import type { ProjectionQuery } from '../setting/rate-limit-policy.ts';
import type { LogPosition } from '../decision/decision.ts';
import type { Reason } from '../decision/reasons.ts';

/** Where a command comes from. One from outside has no position and is checked against `expectedCapacity` only. */
export type CommandSource =
  | { readonly kind: 'log'; readonly position: LogPosition }
  | { readonly kind: 'external'; readonly sender: string };

/** Set the target to `to` instances. Absolute: carrying it out twice is carrying it out once. */
export interface ScaleCommand {
  readonly kind: 'scale';
  /** The decision's id. One value a command id, for ever. */
  readonly id: string;
  readonly target: TargetId;
  readonly expectedCapacity: number;
  readonly to: number;
  readonly reason: Reason | 'External';
  readonly source: CommandSource;
  readonly decidedAt: Instant;
  /** Compared with the scaler's own clock: later is `Expired`. */
  readonly startBy: Instant;
}

/** Report the target's capacity to the log. */
export interface ReadCommand {
  readonly kind: 'read';
  readonly id: string;
  readonly target: TargetId;
  /** With what the provider could serve beside it, for a limit. */
  readonly projection?: ProjectionQuery;
  readonly source: CommandSource;
}

export type Command = ScaleCommand | ReadCommand;
