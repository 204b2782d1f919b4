import type { FoldSnapshot } from '@headroom/core';
import type { Log, LogIdentity, SnapshotStore } from '@headroom/ports';
import { decodeSnapshot, encodeSnapshot } from '@headroom/wire';
import type { Documents } from './documents.ts';
import { inParallel } from './parallel.ts';
import {
  bytesOf,
  chunkId,
  chunksOf,
  hashOf,
  keyOf,
  manifestDocument,
  manifestOf,
  manifestsUpTo,
  olderThan,
  ownFormat,
  readManifest,
} from './snapshot-parts.ts';
import type { Manifest } from './snapshot-parts.ts';
import { problemText } from './unreadable.ts';

/** Snapshots kept of each partition: the newest, and one for a successor whose checkpoint is before it. */
const kept = 2;
/**
 * The logical partition `LOG/PARTITION` holds for each snapshot its chunks and, written last and removed first, its
 * manifest: where a manifest is, the chunks are.
 */
export class CosmosSnapshots implements SnapshotStore {
  readonly #documents: Documents;
  readonly #log: Log;

  constructor(documents: Documents, log: Log) {
    this.#documents = documents;
    this.#log = log;
  }

  async load(
    log: LogIdentity,
    partition: number,
    atMost: number,
  ): Promise<FoldSnapshot | undefined> {
    const key = keyOf(log, partition);
    for await (const manifest of this.#manifests(key, atMost)) {
      const snapshot = await this.#read(key, manifest);
      if (snapshot !== undefined) return snapshot;
    }
    return undefined;
  }

  async newest(log: LogIdentity, partition: number, atMost: number): Promise<number | undefined> {
    for await (const manifest of this.#manifests(keyOf(log, partition), atMost)) {
      return manifest.sequence;
    }
    return undefined;
  }

  async save(log: LogIdentity, partition: number, snapshot: FoldSnapshot): Promise<void> {
    const key = keyOf(log, partition);
    const bytes = encodeSnapshot(snapshot);
    const manifest = manifestOf(snapshot.sequence, bytes);
    const chunks = chunksOf(key, manifest, bytes);
    await inParallel(chunks, (chunk) => this.#documents.upsert(chunk));
    await this.#documents.upsert(manifestDocument(key, manifest));
    await this.#removeOld(key);
  }

  async *#manifests(key: string, atMost: number): AsyncIterable<Manifest> {
    for await (const { document } of this.#documents.query(manifestsUpTo(atMost), key)) {
      const manifest = readManifest(document);
      if (manifest !== undefined && manifest.format === ownFormat) yield manifest;
      else this.#passOver(key, document['id'], 'its format is not the one of this version');
    }
  }

  async #read(key: string, manifest: Manifest): Promise<FoldSnapshot | undefined> {
    const ids = Array.from({ length: manifest.chunks }, (_, index) => chunkId(manifest, index));
    const chunks = await inParallel(ids, (id) => this.#documents.read(id, key));
    const bytes = Buffer.concat(chunks.map((chunk) => bytesOf(chunk?.document)));
    if (hashOf(bytes) !== manifest.hash) {
      this.#passOver(key, manifest.sequence, 'it is not complete');
      return undefined;
    }
    const snapshot = decodeSnapshot(bytes);
    if (snapshot.ok) return snapshot.value;
    this.#passOver(key, manifest.sequence, problemText(snapshot.error));
    return undefined;
  }

  #passOver(partition: string, snapshot: unknown, reason: string): void {
    this.#log.warn('snapshots.passedOver', { partition, snapshot, reason });
  }

  /** What cannot be removed now is removed by the next `save`: the snapshot is kept all the same. */
  async #removeOld(key: string): Promise<void> {
    try {
      const oldest = await this.#oldestKept(key);
      if (oldest === undefined) return;
      for (const kind of ['manifest', 'chunk']) {
        const old = await this.#documents.all(olderThan(kind, oldest), key);
        await inParallel(old, ({ document }) =>
          this.#documents.remove(String(document['id']), key),
        );
      }
    } catch (error) {
      this.#log.warn('snapshots.notRemoved', { partition: key, error });
    }
  }

  async #oldestKept(key: string): Promise<number | undefined> {
    const manifests = await this.#documents.all(manifestsUpTo(Number.MAX_SAFE_INTEGER), key);
    const oldest = manifests[kept - 1]?.document;
    return oldest === undefined ? undefined : Number(oldest['sequence']);
  }
}
