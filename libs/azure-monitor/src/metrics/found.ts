import type { RefusedMetric } from '@headroom/ports';
import type { Patience } from '../patience.ts';
import type { BatchRights } from './batch-rights.ts';
import type { Memory } from './memory.ts';
import type { MetricCalls } from './metric-calls.ts';
import type { AnsweredMetric } from './metric-query.ts';

/** What came of asking: values of some metrics, and why there are none of others. */
export interface Found {
  readonly answers: readonly AnsweredMetric[];
  readonly refused: readonly RefusedMetric[];
}

/** What asking needs. */
export interface Asking {
  readonly calls: MetricCalls;
  readonly rights: BatchRights;
  readonly memory: Memory;
  readonly patience: Patience;
  readonly region: string;
}

export const nothing: Found = { answers: [], refused: [] };

export function both(one: Found, other: Found): Found {
  return {
    answers: [...one.answers, ...other.answers],
    refused: [...one.refused, ...other.refused],
  };
}
