/**
 * Every entity of the system, once. The embedded Azure, Bicep and the official emulators' configuration are made from it.
 */
export const eventHubs = {
  metrics: { name: 'metrics', partitions: 8, retentionHours: 24, consumerGroups: ['router'] },
  /** The log. Its partition count is fixed for its life: `partitionOf` depends on it. */
  signals: {
    name: 'signals',
    partitions: 16,
    retentionHours: 7 * 24,
    consumerGroups: ['evaluator'],
  },
} as const;

export const serviceBus = {
  topic: {
    name: 'decisions',
    duplicateDetectionMinutes: 10,
    subscriptions: [
      { name: 'audit', maxDeliveryCount: 100, lockSeconds: 60 },
      {
        name: 'scale',
        maxDeliveryCount: 10,
        lockSeconds: 60,
        filter: "kind IN ('scale', 'read')",
        forwardTo: 'scale-commands',
      },
    ],
  },
  queue: {
    name: 'scale-commands',
    maxDeliveryCount: 10,
    lockSeconds: 60,
    duplicateDetectionMinutes: 10,
  },
} as const;

export const cosmos = {
  database: 'headroom',
  containers: {
    settings: { name: 'settings', partitionKey: ['/target'] },
    /** As long as the log lives: a head holds the positions below which a command is superseded. */
    operations: {
      name: 'operations',
      partitionKey: ['/exclusionKey'],
      ttlSeconds: 7 * 24 * 3600,
    },
    audit: { name: 'audit', partitionKey: ['/target', '/month'] },
    checkpoints: { name: 'checkpoints', partitionKey: ['/partition'] },
    /** The limits in force of accounts, and what gateways share of them. */
    limits: { name: 'limits', partitionKey: ['/resource'] },
    rejected: { name: 'rejected', partitionKey: ['/partition'], ttlSeconds: 30 * 24 * 3600 },
  },
} as const;
