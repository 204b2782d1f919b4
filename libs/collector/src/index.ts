export { createCollector } from './collector.ts';
export type { Collector } from './collector.ts';
export type { CollectorOptions, CollectorPorts } from './collector-ports.ts';
export { pricePerThousandCalls } from './estimate.ts';
export type { Estimate } from './estimate.ts';
export { readBatches } from './read-batches.ts';
export type { ReadBatch } from './read-batches.ts';
export type { CollectorStatus } from './status.ts';
