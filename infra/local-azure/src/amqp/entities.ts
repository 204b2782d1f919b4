/** The entities to serve. Names are matched without regard to case. */
export interface AmqpEntities {
  readonly eventHubs: readonly {
    readonly name: string;
    /** Fixed for the life of the data file. */
    readonly partitions: number;
    readonly retentionHours: number;
    /** Of all partitions together, each with an equal share; 1 GiB unless given. */
    readonly retentionBytes?: number;
    /** Besides `$Default`. */
    readonly consumerGroups: readonly string[];
  }[];
  readonly topics: readonly {
    readonly name: string;
    /** 0: off. */
    readonly duplicateDetectionMinutes: number;
    readonly subscriptions: readonly {
      readonly name: string;
      readonly maxDeliveryCount: number;
      readonly lockSeconds: number;
      /** SQL on one property: `kind IN ('scale', 'read')`. Absent: everything. */
      readonly filter?: string;
      /** The name of a queue. */
      readonly forwardTo?: string;
    }[];
  }[];
  readonly queues: readonly {
    readonly name: string;
    readonly maxDeliveryCount: number;
    readonly lockSeconds: number;
    readonly duplicateDetectionMinutes?: number;
  }[];
}
