import { idOf } from '@headroom/core';
import type { OperationHead, OperationLedger, Replaced, VersionedHead } from '@headroom/ports';
import { decodeOperationHead, encodeOperationHead } from '@headroom/wire';
import type { Document, Documents } from './documents.ts';
import { UnreadableDocument } from './unreadable.ts';

/** One document an exclusion key, replaced on its etag. */
export class CosmosOperations implements OperationLedger {
  readonly #documents: Documents;

  constructor(documents: Documents) {
    this.#documents = documents;
  }

  async read(exclusionKey: string): Promise<VersionedHead | undefined> {
    const found = await this.#documents.read(idOf(exclusionKey), exclusionKey);
    if (found === undefined) return undefined;
    const head = decodeOperationHead(found.document);
    // Acting without knowing what is being done would break the exclusion: nobody acts until this is mended.
    if (!head.ok) throw new UnreadableDocument(`operations/${exclusionKey}`, head.error);
    return { head: head.value, etag: found.etag };
  }

  async replace(head: OperationHead, etag: string | undefined): Promise<Replaced> {
    const document = documentOf(head);
    const written =
      etag === undefined
        ? await this.#documents.create(document)
        : await this.#documents.replace(document, head.exclusionKey, etag);
    return written === undefined ? { kind: 'conflict' } : { kind: 'written', etag: written.etag };
  }
}

function documentOf(head: OperationHead): Document {
  return {
    ...encodeOperationHead(head),
    id: idOf(head.exclusionKey),
    exclusionKey: head.exclusionKey,
  };
}
