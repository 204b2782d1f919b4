import type {
  Clock,
  FeedGroup,
  Ownership,
  PartitionCheckpoint,
  PartitionLedger,
} from '@headroom/ports';

export class MemoryPartitions implements PartitionLedger {
  readonly #clock: Pick<Clock, 'now'>;
  readonly #groups = new Map<string, GroupLedger>();
  #writes = 0;

  constructor(clock: Pick<Clock, 'now'>) {
    this.#clock = clock;
  }

  ownerships(group: FeedGroup): Promise<readonly Ownership[]> {
    return Promise.resolve([...this.#of(group).owners.values()]);
  }

  claim(group: FeedGroup, wanted: readonly Ownership[]): Promise<readonly Ownership[]> {
    const { owners } = this.#of(group);
    const won = wanted.filter((one) => owners.get(one.partition)?.etag === one.etag);
    const written = won.map(({ partition, owner }) => ({
      partition,
      owner,
      etag: String(++this.#writes),
      modifiedAtMs: this.#clock.now(),
    }));
    for (const one of written) owners.set(one.partition, one);
    return Promise.resolve(written);
  }

  checkpoints(group: FeedGroup): Promise<readonly PartitionCheckpoint[]> {
    return Promise.resolve([...this.#of(group).checkpoints.values()]);
  }

  save(group: FeedGroup, checkpoint: PartitionCheckpoint): Promise<'saved' | 'behind'> {
    const { checkpoints } = this.#of(group);
    const held = checkpoints.get(checkpoint.partition);
    if (held !== undefined && held.sequence > checkpoint.sequence) return Promise.resolve('behind');
    checkpoints.set(checkpoint.partition, checkpoint);
    return Promise.resolve('saved');
  }

  #of(group: FeedGroup): GroupLedger {
    const key = `${group.hub}/${group.consumerGroup}`;
    const ledger = this.#groups.get(key) ?? { owners: new Map(), checkpoints: new Map() };
    this.#groups.set(key, ledger);
    return ledger;
  }
}

interface GroupLedger {
  readonly owners: Map<string, Ownership>;
  readonly checkpoints: Map<string, PartitionCheckpoint>;
}
