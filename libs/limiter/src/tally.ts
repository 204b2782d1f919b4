import type { BlockedBy, Millis, TargetId } from '@headroom/core';

/** What was counted of an account since the last drain: what the gateway publishes under `limitMetrics`. */
export interface AccountTally {
  readonly account: TargetId;
  /** Every rule of the account, also those without a call: the limit is published all the same. */
  readonly keys: readonly KeyTally[];
  /** The busiest, most calls first. */
  readonly callers: readonly CallerTally[];
  /** What calls cost that were settled as served. */
  readonly spendMicros: number;
  readonly deployments: readonly DeploymentTally[];
}

export interface KeyTally {
  readonly key: string;
  readonly total: number;
  /** Settled as served. */
  readonly successful: number;
  /** Refused here, or by the backend as the ticket's end says. */
  readonly blocked: Readonly<Partial<Record<BlockedBy, number>>>;
  /** In force for all instances together, calls a second. */
  readonly limitTps: number;
  /** This instance's part of it. */
  readonly shareTps: number;
  /** Of tickets that were settled with a latency; absent: none was. */
  readonly latency?: LatencyTally;
}

export interface LatencyTally {
  readonly count: number;
  readonly sumMs: Millis;
  readonly minMs: Millis;
  readonly maxMs: Millis;
}

export interface CallerTally {
  readonly caller: string;
  readonly calls: number;
}

export interface DeploymentTally {
  /** In lower case. */
  readonly deployment: string;
  readonly inputTokens: number;
  readonly outputTokens: number;
  /** By status code, those that were refused here included. */
  readonly requests: ReadonlyMap<number, number>;
}
