import type { FeedGroup, Ownership, PartitionCheckpoint, PartitionLedger } from '@headroom/ports';
import { DependencyUnavailable } from '@headroom/ports';
import type { JsonObject } from '@headroom/wire';
import type { Document, Documents, Stored } from './documents.ts';
import { inParallel } from './parallel.ts';

/** Races with other members that one `save` takes on before it says that the store is not to be had. */
const attemptsMax = 5;

/**
 * One logical partition a group (`signals/evaluator`), because every member lists the whole group each second. In it a
 * document `ownership:3` and one `checkpoint:3` for each partition.
 */
export class CosmosPartitions implements PartitionLedger {
  readonly #documents: Documents;
  /** The checkpoints that this process wrote last, so that the next one needs no read. One a partition. */
  readonly #written = new Map<string, Written>();

  constructor(documents: Documents) {
    this.#documents = documents;
  }

  async ownerships(group: FeedGroup): Promise<readonly Ownership[]> {
    return (await this.#list(group, 'ownership')).map(ownershipOf);
  }

  async claim(group: FeedGroup, wanted: readonly Ownership[]): Promise<readonly Ownership[]> {
    const claims = await inParallel(wanted, (one) => this.#claim(group, one));
    return claims.filter((won) => won !== undefined);
  }

  async checkpoints(group: FeedGroup): Promise<readonly PartitionCheckpoint[]> {
    return (await this.#list(group, 'checkpoint')).map(({ document }) => checkpointOf(document));
  }

  async save(group: FeedGroup, checkpoint: PartitionCheckpoint): Promise<'saved' | 'behind'> {
    const document = checkpointDocument(group, checkpoint);
    const name = `${keyOf(group)}/${checkpoint.partition}`;
    let held = this.#written.get(name);
    for (let attempt = 0; attempt < attemptsMax; attempt++) {
      held ??= await this.#read(document.id, group);
      if (held !== undefined && held.sequence > checkpoint.sequence) return 'behind';
      if (held?.sequence === checkpoint.sequence) return 'saved';
      const written = await this.#write(document, group, held);
      if (written !== undefined) {
        this.#written.set(name, { sequence: checkpoint.sequence, etag: written.etag });
        return 'saved';
      }
      held = undefined;
    }
    throw new DependencyUnavailable('cosmos', `${name}: ${attemptsMax} others wrote meanwhile`);
  }

  async #claim(group: FeedGroup, wanted: Ownership): Promise<Ownership | undefined> {
    const document = ownershipDocument(group, wanted);
    const won =
      wanted.etag === undefined
        ? await this.#documents.create(document)
        : await this.#documents.replace(document, keyOf(group), wanted.etag);
    return won === undefined ? undefined : ownershipOf(won);
  }

  async #read(id: string, group: FeedGroup): Promise<Written | undefined> {
    const found = await this.#documents.read(id, keyOf(group));
    if (found === undefined) return undefined;
    return { sequence: checkpointOf(found.document).sequence, etag: found.etag };
  }

  #write(
    document: Document,
    group: FeedGroup,
    held: Written | undefined,
  ): Promise<Stored | undefined> {
    if (held === undefined) return this.#documents.create(document);
    return this.#documents.replace(document, keyOf(group), held.etag);
  }

  #list(group: FeedGroup, kind: 'ownership' | 'checkpoint'): Promise<readonly Stored[]> {
    const query = 'SELECT * FROM c WHERE c.kind = @kind';
    return this.#documents.all(
      { query, parameters: [{ name: '@kind', value: kind }] },
      keyOf(group),
    );
  }
}

interface Written {
  readonly sequence: number;
  readonly etag: string;
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
