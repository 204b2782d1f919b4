export { estimateOf, freeCallsPerMonth, pricePerThousandCalls } from './estimate.ts';
export type { Estimate } from './estimate.ts';
export { planOf } from './plan.ts';
export type { Batch, Plan } from './plan.ts';
export { polledReads } from './polled-reads.ts';
export type { PolledRead } from './polled-reads.ts';
