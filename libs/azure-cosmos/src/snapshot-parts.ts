import { createHash } from 'node:crypto';
import { instant } from '@headroom/core';
import type { LogIdentity } from '@headroom/ports';
import { encodeSnapshot } from '@headroom/wire';
import type { JsonObject } from '@headroom/wire';
import type { Document, Sql } from './documents.ts';

export interface Manifest {
  readonly sequence: number;
  readonly chunks: number;
  /** Of the whole content. Chunks carry it, so that those of two writers do not mix. */
  readonly hash: string;
  /** The first bytes of the content, which name its version. */
  readonly format: string;
}

/** Bytes of one chunk before base64 makes four of three: the document stays below 1.5 MB of the 2 MB allowed. */
const chunkBytes = 1_080_000;
/** Magic and version at the beginning of an encoded snapshot, four bytes each. */
const formatBytes = 8;
/** Of what this version of the code writes, and can read. */
export const ownFormat = formatOf(
  encodeSnapshot({
    sequence: 0,
    now: instant(0),
    startedAt: instant(0),
    cold: false,
    sources: [],
    targets: [],
    series: [],
  }),
);

export function keyOf(log: LogIdentity, partition: number): string {
  return `${log.logId}/${partition}`;
}

export function manifestOf(sequence: number, bytes: Uint8Array): Manifest {
  const chunks = Math.ceil(bytes.length / chunkBytes);
  return { sequence, chunks, hash: hashOf(bytes), format: formatOf(bytes) };
}

export function manifestDocument(key: string, manifest: Manifest): Document {
  const id = `manifest:${manifest.sequence}`;
  return { v: 1, kind: 'manifest', id, partition: key, ...manifest };
}

export function readManifest(document: JsonObject): Manifest | undefined {
  const { sequence, chunks, hash, format } = document;
  if (typeof sequence !== 'number' || typeof chunks !== 'number') return undefined;
  if (typeof hash !== 'string' || typeof format !== 'string') return undefined;
  return { sequence, chunks, hash, format };
}

export function chunksOf(key: string, manifest: Manifest, bytes: Uint8Array): readonly Document[] {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return Array.from({ length: manifest.chunks }, (_, index) => ({
    v: 1,
    kind: 'chunk',
    id: chunkId(manifest, index),
    partition: key,
    sequence: manifest.sequence,
    content: buffer.toString('base64', index * chunkBytes, (index + 1) * chunkBytes),
  }));
}

/** None of a chunk that is not there. */
export function bytesOf(chunk: JsonObject | undefined): Uint8Array {
  const content = chunk?.['content'];
  return Buffer.from(typeof content === 'string' ? content : '', 'base64');
}

export function chunkId({ sequence, hash }: Manifest, index: number): string {
  return `chunk:${sequence}:${hash}:${index}`;
}

function formatOf(bytes: Uint8Array): string {
  return Buffer.from(bytes.subarray(0, formatBytes)).toString('hex');
}

export function hashOf(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex').slice(0, 32);
}

export function manifestsUpTo(atMost: number): Sql {
  return {
    query:
      "SELECT * FROM c WHERE c.kind = 'manifest' AND c.sequence <= @atMost ORDER BY c.sequence DESC",
    parameters: [{ name: '@atMost', value: atMost }],
  };
}

export function olderThan(kind: string, sequence: number): Sql {
  return {
    query: 'SELECT c.id, c._etag, c._ts FROM c WHERE c.kind = @kind AND c.sequence < @sequence',
    parameters: [
      { name: '@kind', value: kind },
      { name: '@sequence', value: sequence },
    ],
  };
}
