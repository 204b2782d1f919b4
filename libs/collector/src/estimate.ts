import { hourMs, minuteMs } from '@headroom/core';
import type { Batch, Plan } from './plan.ts';
import type { Tally } from './tally.ts';

/** What a plan costs, once everything is back-filled. */
export interface Estimate {
  readonly resources: number;
  readonly metrics: number;
  readonly batches: number;
  readonly callsPerMinute: number;
  readonly callsPerDay: number;
  readonly callsPerMonth: number;
  /** US dollars a month, before the calls that Azure gives away. */
  readonly costPerMonth: number;
  /** Whether those cover all of it, if nobody else uses them. */
  readonly isWithinFree: boolean;
  /** The most that one subscription gets in an hour, to hold against Azure's limit. */
  readonly callsPerHourMax: number;
}

/**
 * US dollars. The price list of Azure Monitor (azure.microsoft.com/pricing/details/monitor, "Metrics", standard API calls) has
 * it in most regions; the first 1,000,000 calls of a month are free.
 */
export const pricePerThousandCalls = 0.01;
const freeCallsPerMonth = 1_000_000;

/** Calls an hour that the batch API serves a subscription ("Migrate from the metrics API to the getBatch API"). */
export const batchCallsPerHourMax = 360_000;

const minutesPerDay = 24 * 60;
/** 365.25 / 12. */
const daysPerMonth = 30.4375;

/** `callsOf`: what a round of a batch takes. */
export function estimateOf(
  { batches }: Pick<Plan, 'batches'>,
  price: number,
  callsOf: (batch: Batch) => number = plannedCalls,
): Estimate {
  const bySubscription = Map.groupBy(batches, ({ subscription }) => subscription);
  const perMinute = [...bySubscription.values()].map((own) => callsPerMinuteOf(own, callsOf));
  const callsPerMinute = callsPerMinuteOf(batches, callsOf);
  const callsPerDay = callsPerMinute * minutesPerDay;
  const callsPerMonth = Math.round(callsPerDay * daysPerMonth);
  return {
    resources: new Set(batches.flatMap(({ resources }) => resources)).size,
    metrics: batches.reduce((sum, { reads }) => sum + reads.length, 0),
    batches: batches.length,
    callsPerMinute,
    callsPerDay: Math.round(callsPerDay),
    callsPerMonth,
    costPerMonth: Math.round((callsPerMonth / 1000) * price * 100) / 100,
    isWithinFree: callsPerMonth <= freeCallsPerMonth,
    callsPerHourMax: Math.max(0, ...perMinute) * (hourMs / minuteMs),
  };
}

export function callsPerMinuteOf(
  batches: readonly Batch[],
  callsOf: (batch: Batch) => number,
): number {
  return batches.reduce((sum, each) => sum + (callsOf(each) * minuteMs) / each.intervalMs, 0);
}

/** Without a region there is no batch: each resource is a call. */
function plannedCalls({ region, resources }: Batch): number {
  return region === '' ? resources.length : 1;
}

/** As the last rounds show it: more than planned where batches are refused or out of reach. */
export function takenCalls(tally: Pick<Tally, 'callsOf'>): (batch: Batch) => number {
  return (batch) => tally.callsOf(batch) ?? plannedCalls(batch);
}
