import { idOf, idSpaceOf, isoOf, placeOf } from '@headroom/core';
import type { AuditRecord, Instant, TargetId } from '@headroom/core';
import { encodeAuditRecord } from '@headroom/wire';
import type { Document, Stored } from './documents.ts';

/** What the store adds to a record: where it lies, and when it belongs. */
export interface AuditDocument extends Document {
  readonly target: TargetId;
  /** `2026-11`, in UTC. */
  readonly month: string;
  readonly at: Instant;
}

export function auditDocument(record: AuditRecord): AuditDocument {
  const { id, target, at } = placeOf(record);
  return {
    ...encodeAuditRecord(record),
    id: `${idSpaceOf(record)}:${safe(id)}`,
    target,
    month: monthOf(at),
    at,
  };
}

/** What the ids of the documents begin with whose records' ids begin so; a divergence's is not sought. */
export function documentIds(beginning: string): readonly string[] {
  const spaces = ['decision', 'setting', 'outcome'] as const satisfies readonly IdSpace[];
  return spaces.map((space) => `${space}:${safe(beginning)}`);
}

type IdSpace = ReturnType<typeof idSpaceOf>;

export function monthOf(at: Instant): string {
  return isoOf(at).slice(0, 7);
}

/** The stored record's own members, to be compared with what was to be stored. */
export function contentOf({ document }: Stored): unknown {
  return Object.fromEntries(Object.entries(document).filter(([name]) => !name.startsWith('_')));
}

/** A sender's id may hold what an id in Cosmos DB may not: then its hash stands for it. */
function safe(id: string): string {
  return /^[\w.:@=+-]{1,200}$/.test(id) ? id : idOf(id);
}
