import { idOf } from '@headroom/core';
import type { RejectedRecord, RejectedStore } from '@headroom/ports';
import type { Document, Documents } from './documents.ts';
import { inParallel } from './parallel.ts';

/** The container's time to live removes them. */
export class CosmosRejected implements RejectedStore {
  readonly #documents: Documents;

  constructor(documents: Documents) {
    this.#documents = documents;
  }

  async keep(records: readonly RejectedRecord[]): Promise<void> {
    await inParallel(records, (record) => this.#documents.create(documentOf(record)));
  }
}

/** The id is the position's: keeping it again finds the id taken. */
function documentOf({ source, sequence, index, reason, excerpt }: RejectedRecord): Document {
  return {
    v: 1,
    id: idOf(source, sequence, index),
    partition: source,
    sequence,
    index,
    reason,
    excerpt,
  };
}
