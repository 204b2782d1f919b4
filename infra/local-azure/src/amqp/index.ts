export { startAmqpServer } from './server.ts';

/** The entities to serve. Names are matched without regard to case. */
export interface AmqpEntities {
  readonly eventHubs: readonly {
    readonly name: string;
    /** Fixed for the life of the data file. */
    readonly partitions: number;
    readonly retentionHours: number;
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

export interface AmqpOptions {
  /** A loopback address. */
  readonly host: string;
  /** 0: a free one. */
  readonly port: number;
  readonly keyName: string;
  readonly key: string;
  /** A SQLite file, made at the first start, or ':memory:'. */
  readonly dataFile: string;
  readonly entities: AmqpEntities;
  /** Epoch milliseconds; the machine's clock unless given. */
  readonly clock?: () => number;
  /** How often retention is looked after; 10 s unless given. */
  readonly housekeepingMs?: number;
  /** Size quota of each queue and subscription; 1 GiB unless given. */
  readonly maxEntityBytes?: number;
}

export interface AmqpServer extends AsyncDisposable {
  readonly port: number;
  /** For the clients of both Event Hubs and Service Bus. */
  readonly connectionString: string;
  /** Ends every connection; what was acknowledged is on disk. */
  close(): Promise<void>;
}
