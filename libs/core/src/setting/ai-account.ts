import type { Millis } from '../lang/instant.ts';
import { targetId } from '../lang/target.ts';
import type { TargetId } from '../lang/target.ts';

/** An AI services account as ARM shows it, reduced to what its limits need. */
export interface AiAccount {
  readonly id: TargetId;
  readonly name: string;
  /** ARM's `kind`, such as `ComputerVision`. */
  readonly kind: string;
  /** ARM's `sku.name`; `F0` is the free tier. */
  readonly sku: string;
  /** ARM's `properties.dynamicThrottlingEnabled`; absent and null mean off. */
  readonly dynamicThrottlingEnabled: boolean;
  /** Names of ARM's `properties.capabilities`. */
  readonly capabilities: readonly string[];
  /** ARM's `properties.callRateLimit.rules`: at least one; where ARM shows none, `defaultRule`. */
  readonly rules: readonly ThrottlingRule[];
}

/** A limit of the account: so many calls a period for what matches. */
export interface ThrottlingRule {
  readonly key: string;
  /** Calls in `renewalPeriodMs`: where the limit begins. Raising and lowering never touches it. */
  readonly count: number;
  readonly renewalPeriodMs: Millis;
  /** Whether the limit may be raised while the account's switch is on. */
  readonly dynamicThrottlingEnabled: boolean;
  /** `*` as a method is any, at the end of a path anything; the most specific pattern of all rules wins. */
  readonly matchPatterns: readonly MatchPattern[];
}

export interface MatchPattern {
  readonly method: string;
  readonly path: string;
}

/** What the document names for every account: ten calls a second. */
export const defaultRule: ThrottlingRule = {
  key: 'default',
  count: 10,
  renewalPeriodMs: 1000,
  dynamicThrottlingEnabled: true,
  matchPatterns: [{ method: '*', path: '*' }],
};

/** Calls a second. */
export function tpsOf({ count, renewalPeriodMs }: ThrottlingRule): number {
  return (count * 1000) / renewalPeriodMs;
}

/** Whether it names an AI services account. */
export function isAccountId(id: TargetId): boolean {
  return /\/providers\/microsoft\.cognitiveservices\/accounts\/[^/]+$/.test(id);
}

const limitSegment = '/ratelimits/';

/**
 * The target that stands for one limit of an account; its capacity is calls a second, in steps of 0.1. ARM has no such
 * resource: limits are read-only there, so what is set is the limit of the gateway.
 */
export function limitTarget(account: TargetId, key: string): TargetId {
  return targetId(`${account}${limitSegment}${key}`);
}

/** `undefined`: the target is no limit. */
export function limitOf(
  target: TargetId,
): { readonly account: TargetId; readonly key: string } | undefined {
  const at = target.lastIndexOf(limitSegment);
  if (at === -1) return undefined;
  const account = target.slice(0, at) as TargetId;
  return { account, key: target.slice(at + limitSegment.length) };
}
