/**
 * Who reads which partition, and how far. Both hubs use it. Writes are conditional: of two members that want one
 * partition, one gets it.
 */
export interface PartitionLedger {
  ownerships(group: FeedGroup): Promise<readonly Ownership[]>;
  /** The ones that were won, with their new etag. */
  claim(group: FeedGroup, wanted: readonly Ownership[]): Promise<readonly Ownership[]>;
  checkpoints(group: FeedGroup): Promise<readonly PartitionCheckpoint[]>;
  /** Never moves back: `behind` says that a later one is saved already. */
  save(group: FeedGroup, checkpoint: PartitionCheckpoint): Promise<'saved' | 'behind'>;
}

/** A hub of a namespace and a consumer group on it. */
export interface FeedGroup {
  readonly hub: string;
  readonly consumerGroup: string;
}

export interface Ownership {
  readonly partition: string;
  /** Empty when it was given up. */
  readonly owner: string;
  /** Set by the store; a claim names the one that it saw, none for a partition never claimed. */
  readonly etag?: string;
  /** The store's clock, milliseconds. */
  readonly modifiedAtMs?: number;
}

export interface PartitionCheckpoint {
  readonly partition: string;
  readonly sequence: number;
  readonly offset: string;
}
