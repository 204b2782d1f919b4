import { never } from '../lang/assert.ts';
import type { Instant } from '../lang/instant.ts';
import type { TargetId } from '../lang/target.ts';
import type { AuditRecord } from './record.ts';

/** What an audit record is kept under. */
export interface RecordPlace {
  readonly id: string;
  readonly target: TargetId;
  /** Log time of a decision; otherwise the clock of whoever made the record. */
  readonly at: Instant;
}

export function placeOf(record: AuditRecord): RecordPlace {
  switch (record.kind) {
    case 'decision':
      return record.decision;
    case 'external': {
      const { id, target, decidedAt } = record.command;
      return { id, target, at: decidedAt };
    }
    case 'setting':
      return record.setting;
    case 'outcome':
      return record.outcome;
    case 'divergence':
      return record.divergence;
    default:
      return never(record);
  }
}

/**
 * Records of one space have ids of their own; a command from outside that takes the id of a decision of ours is a second
 * content under that id.
 */
export function idSpaceOf({ kind }: AuditRecord): Exclude<AuditRecord['kind'], 'external'> {
  return kind === 'external' ? 'decision' : kind;
}
