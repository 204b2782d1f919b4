import { idOf, isoOf, never } from '@headroom/core';
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

interface Place {
  readonly id: string;
  readonly target: TargetId;
  readonly at: Instant;
}

export function auditDocument(record: AuditRecord): AuditDocument {
  const { id, target, at } = placeOf(record);
  return { ...encodeAuditRecord(record), id, target, month: monthOf(at), at };
}

export function monthOf(at: Instant): string {
  return isoOf(at).slice(0, 7);
}

/** The stored record's own members, to be compared with what was to be stored. */
export function contentOf({ document }: Stored): unknown {
  return Object.fromEntries(Object.entries(document).filter(([name]) => !name.startsWith('_')));
}

/** A command from outside that takes the id of a decision of ours is a second content under that id. */
function placeOf(record: AuditRecord): Place {
  switch (record.kind) {
    case 'decision':
      return place('decision', record.decision);
    case 'external':
      return place('decision', { ...record.command, at: record.command.decidedAt });
    case 'outcome':
      return place('outcome', record.outcome);
    case 'divergence':
      return place('divergence', record.divergence);
    default:
      return never(record);
  }
}

function place(kind: string, { id, target, at }: Place): Place {
  return { id: `${kind}:${safe(id)}`, target, at };
}

/** A sender's id may hold what an id in Cosmos DB may not: then its hash stands for it. */
function safe(id: string): string {
  return /^[\w.:@=+-]{1,200}$/.test(id) ? id : idOf(id);
}
