export { connectEventHubs } from './connect.ts';
export type { EventHubs, EventHubsEndpoint, MetricPublisher } from './connect.ts';
export type { MetricFeedOptions } from './metric-feed.ts';
export type { SignalFeedOptions } from './signal-feed.ts';
export type { MemberTimings } from './member.ts';
export { HubRefused, PartitionCountMismatch } from './errors.ts';
