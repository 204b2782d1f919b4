import type { Millis } from '../lang/instant.ts';
import { minuteMs } from '../lang/instant.ts';
import type { TargetId } from '../lang/target.ts';
import type { Mode } from './policy.ts';

/**
 * Model deployments that draw on one quota: a subscription's, of one region and model. Capacities are ARM's `sku.capacity`,
 * for most models thousands of tokens a minute.
 */
export interface QuotaPool {
  /** `/subscriptions/{s}/providers/microsoft.cognitiveservices/locations/{l}/usages/{name}`: what ARM counts. */
  readonly id: TargetId;
  readonly name: string;
  /** At least two. */
  readonly deployments: readonly PooledDeployment[];
}

export interface PooledDeployment {
  /** The deployment's ARM id. */
  readonly target: TargetId;
  /** Never moved below. */
  readonly guarantee: number;
  readonly maximum: number;
  /** Higher ones are served first. */
  readonly priority: number;
  /** Capacities that the model allows: multiples of `step` from `minimum`, or these values only. */
  readonly minimum: number;
  readonly step: number;
  readonly allowedValues?: readonly number[];
}

export interface QuotaPoolPolicy {
  readonly mode: Mode;
  readonly auditLevel: 'changes' | 'all';
  /** Between two moves of the pool. */
  readonly everyMs: Millis;
  /** A deployment that uses less than this share of its capacity may give. */
  readonly idleBelow: number;
  /** And one that uses more keeps at least that much above its use. */
  readonly reserve: number;
}

export const defaultQuotaPoolPolicy: QuotaPoolPolicy = {
  mode: 'act',
  auditLevel: 'changes',
  everyMs: minuteMs,
  idleBelow: 0.5,
  reserve: 0.2,
};

/** Whether it names what ARM counts of a quota. */
export function isPoolId(id: TargetId): boolean {
  return /^\/subscriptions\/[^/]+\/providers\/microsoft\.cognitiveservices\/locations\/[^/]+\/usages\/[^/]+$/.test(
    id,
  );
}
