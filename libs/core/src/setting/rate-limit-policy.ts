import type { Millis } from '../lang/instant.ts';
import { minuteMs, secondMs } from '../lang/instant.ts';
import type { Mode } from './policy.ts';

/** Headroom's own options for an account's limits, kept beside the ARM document. */
export interface RateLimitPolicy {
  readonly mode: Mode;
  readonly auditLevel: 'changes' | 'all';
  readonly pace: Pace;
  readonly growth: Growth;
  readonly decay: Decay;
  /** No limit is raised above it, calls a second. */
  readonly maximumTps: number;
  /** Approved higher defaults, calls a second by the rule's key in lower case. */
  readonly approvedTps: Readonly<Record<string, number>>;
  /** Who approved them and why, under the same keys; absent where nobody said. */
  readonly approvedBecause?: Readonly<Record<string, Approval>>;
  readonly capacity: CapacitySource;
  /** Accounts that share a backend or a cap name one group: the sum of their limits stays within the backend's capacity. */
  readonly group?: string;
  /** Calls a caller may be above its own history before a raise that it causes waits for a person; absent: never. */
  readonly anomalyFactor?: number;
  readonly spend?: SpendPolicy;
  readonly gateway: GatewayPolicy;
}

/** Somebody's word for a higher default. */
export interface Approval {
  readonly by: string;
  readonly because: string;
}

/**
 * When the available capacity is checked while calls are blocked. `fast`: within 1 s of the first blocked call, then every
 * 30 s. `azure`: every five minutes, as documented. Both reach the maximum in an hour.
 */
export type Pace = 'fast' | 'azure';

export const paces: Readonly<Record<Pace, { readonly everyMs: Millis }>> = {
  fast: { everyMs: 30 * secondMs },
  azure: { everyMs: 5 * minuteMs },
};

/** How a limit climbs from its base to the maximum in an hour of blocked calls. */
export type Growth = 'geometric' | 'linear' | 'demand';

/** What happens to a raised limit that nobody runs into for `idleMs`. */
export type Decay =
  | { readonly kind: 'hold' }
  | { readonly kind: 'geometric' | 'linear' | 'drop'; readonly idleMs: Millis };

/** Where the available capacity projection comes from. */
export type CapacitySource =
  /** Calls a second of the backend, for everything in the group. */
  | { readonly kind: 'static'; readonly tps: number }
  /** From backend throttling and latency that the gateway saw. */
  | { readonly kind: 'learned'; readonly initialTps: number }
  /** Asked of ARM by the scaler for each check. */
  | ({ readonly kind: 'arm' } & ProjectionQuery);

/** What is asked of ARM's `modelCapacities` and `usages`. */
export interface ProjectionQuery {
  /** `format/name/version`, such as `OpenAI/gpt-4o-mini/2024-07-18`. */
  readonly model: string;
  /** ARM's name of the deployment's sku, such as `Standard`. */
  readonly skuName: string;
  /** Calls a second that one unit of capacity serves. */
  readonly tpsPerUnit: number;
}

export function projectionOf(source: CapacitySource): ProjectionQuery | undefined {
  if (source.kind !== 'arm') return undefined;
  const { model, skuName, tpsPerUnit } = source;
  return { model, skuName, tpsPerUnit };
}

/** What calls may cost. Amounts are millionths of the currency's unit, as integers. */
export interface SpendPolicy {
  readonly currency: string;
  readonly caps: readonly SpendCap[];
  readonly prices: readonly Price[];
}

export interface SpendCap {
  /** Of the account alone, or of everything in its group. */
  readonly of: 'account' | 'group';
  readonly per: 'hour' | 'day' | 'month';
  readonly amountMicros: number;
}

/** Of calls under a rule's key, in lower case; `*` is every other one. */
export interface Price {
  readonly key: string;
  readonly perCallMicros: number;
  readonly perInputTokenMicros: number;
  readonly perOutputTokenMicros: number;
}

/** Of calls under the key, in lower case; `undefined`: they cost nothing. */
export function priceOf(prices: readonly Price[], key: string): Price | undefined {
  return prices.find((price) => price.key === key) ?? prices.find((price) => price.key === '*');
}

/** How the gateway enforces the limits. */
export interface GatewayPolicy {
  /** What a limit does when its store cannot be reached and the slice has run out. */
  readonly whenAway: 'open' | 'closed';
  /** No caller may take more than this share of a limit while others wait; 1: no fairness. */
  readonly callerShareMax: number;
  readonly tokenLimits: readonly TokenLimit[];
}

/** Tokens a minute of a model deployment. */
export interface TokenLimit {
  readonly deployment: string;
  readonly tokensPerMinute: number;
}

export const defaultRateLimitPolicy: RateLimitPolicy = {
  mode: 'act',
  auditLevel: 'changes',
  pace: 'fast',
  growth: 'geometric',
  decay: { kind: 'geometric', idleMs: 10 * minuteMs },
  maximumTps: 1000,
  approvedTps: {},
  capacity: { kind: 'learned', initialTps: 1000 },
  gateway: { whenAway: 'closed', callerShareMax: 1, tokenLimits: [] },
};
