import { idOf } from '@headroom/core';
import type { Replaced, Shares, ShareStore, VersionedShares } from '@headroom/ports';
import { decodeShares, encodeShares } from '@headroom/wire';
import type { Document, Documents } from './documents.ts';
import { UnreadableDocument } from './unreadable.ts';

const kind = 'shares';

/** One document a pool, replaced on its etag; beside the limits. */
export class CosmosShares implements ShareStore {
  readonly #documents: Documents;

  constructor(documents: Documents) {
    this.#documents = documents;
  }

  async read(pool: string): Promise<VersionedShares | undefined> {
    const found = await this.#documents.read(keyOf(pool), pool);
    if (found === undefined) return undefined;
    const shares = decodeShares(found.document);
    // Without it nobody knows what others hold: nobody takes anything until this is mended.
    if (!shares.ok) throw new UnreadableDocument(`limits/${pool}`, shares.error);
    return { shares: shares.value, etag: found.etag };
  }

  async replace(shares: Shares, etag: string | undefined): Promise<Replaced> {
    const write = { document: documentOf(shares), ...(etag === undefined ? {} : { etag }) };
    const written = await this.#documents.write(write, shares.pool);
    return written === undefined ? { kind: 'conflict' } : { kind: 'written', etag: written.etag };
  }
}

function keyOf(pool: string): string {
  return idOf(kind, pool);
}

function documentOf(shares: Shares): Document {
  return { ...encodeShares(shares), kind, id: keyOf(shares.pool), resource: shares.pool };
}
