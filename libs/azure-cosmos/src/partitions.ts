import type { FeedGroup, Ownership, PartitionCheckpoint, PartitionLedger } from '@headroom/ports';
import type { JsonObject } from '@headroom/wire';
import { CheckpointSaves } from './checkpoint-saves.ts';
import type { Document, Documents, Stored, Write } from './documents.ts';
import { togetherMax } from './documents.ts';
import { inParallel } from './parallel.ts';

/**
 * One logical partition a group (`signals/evaluator`), because every member lists the whole group each second. In it a
 * document `ownership:3` and one `checkpoint:3` for each partition. What is written at about the same time goes together,
 * in one request: a request costs more than the document in it.
 */
export class CosmosPartitions implements PartitionLedger {
  readonly #documents: Documents;
  readonly #saves = new Map<string, CheckpointSaves>();

  constructor(documents: Documents) {
    this.#documents = documents;
  }

  async ownerships(group: FeedGroup): Promise<readonly Ownership[]> {
    return (await this.#list(group, 'ownership')).map(ownershipOf);
  }

  async claim(group: FeedGroup, wanted: readonly Ownership[]): Promise<readonly Ownership[]> {
    const writes = wanted.map((one): Write => {
      const document = ownershipDocument(group, one);
      return one.etag === undefined ? { document } : { document, etag: one.etag };
    });
    const won: Stored[] = [];
    for (let start = 0; start < writes.length; start += togetherMax) {
      won.push(...(await this.#write(writes.slice(start, start + togetherMax), keyOf(group))));
    }
    return won.map(ownershipOf);
  }

  async checkpoints(group: FeedGroup): Promise<readonly PartitionCheckpoint[]> {
    return (await this.#list(group, 'checkpoint')).map(({ document }) => checkpointOf(document));
  }

  save(group: FeedGroup, checkpoint: PartitionCheckpoint): Promise<'saved' | 'behind'> {
    const key = keyOf(group);
    const documentOf = (one: PartitionCheckpoint): Document => checkpointDocument(group, one);
    const sequenceOf = ({ document }: Stored): number => checkpointOf(document).sequence;
    const saves =
      this.#saves.get(key) ??
      new CheckpointSaves({ documents: this.#documents, key, documentOf, sequenceOf });
    this.#saves.set(key, saves);
    return saves.save(checkpoint);
  }

  /** Together where no other member interferes, otherwise each for itself; those that were written. */
  async #write(writes: readonly Write[], key: string): Promise<readonly Stored[]> {
    if (writes.length > 1) {
      const together = await this.#documents.writeTogether(writes, key);
      if (together !== undefined) return together;
    }
    const each = await inParallel(writes, (write) => this.#documents.write(write, key));
    return each.filter((one) => one !== undefined);
  }

  #list(group: FeedGroup, kind: 'ownership' | 'checkpoint'): Promise<readonly Stored[]> {
    const query = 'SELECT * FROM c WHERE c.kind = @kind';
    return this.#documents.all(
      { query, parameters: [{ name: '@kind', value: kind }] },
      keyOf(group),
    );
  }
}

function keyOf({ hub, consumerGroup }: FeedGroup): string {
  return `${hub}/${consumerGroup}`;
}

function ownershipDocument(group: FeedGroup, { partition, owner }: Ownership): Document {
  return {
    v: 1,
    kind: 'ownership',
    id: `ownership:${partition}`,
    partition: keyOf(group),
    number: partition,
    owner,
  };
}

function checkpointDocument(group: FeedGroup, checkpoint: PartitionCheckpoint): Document {
  const { partition, sequence, offset } = checkpoint;
  return {
    v: 1,
    kind: 'checkpoint',
    id: `checkpoint:${partition}`,
    partition: keyOf(group),
    number: partition,
    sequence,
    offset,
  };
}

/** The service tells whole seconds: the last instant of it, so that no living owner looks older than it is. */
function ownershipOf({ document, etag, modifiedAtMs }: Stored): Ownership {
  return {
    partition: String(document['number']),
    owner: String(document['owner']),
    etag,
    modifiedAtMs: modifiedAtMs + 999,
  };
}

function checkpointOf(document: JsonObject): PartitionCheckpoint {
  return {
    partition: String(document['number']),
    sequence: Number(document['sequence']),
    offset: String(document['offset']),
  };
}
