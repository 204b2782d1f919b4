import { never } from '@headroom/core';
import type { AuditRecord, Instant, TargetId, TopicMessage } from '@headroom/core';

/**
 * The record that a message makes. A `read` makes none: it decides nothing, changes nothing, and its answer is in the log
 * as a capacity.
 */
export function recordOf(message: TopicMessage): AuditRecord | undefined {
  switch (message.kind) {
    case 'scale': {
      const { command, decision } = message;
      if (decision === undefined) return { kind: 'external', command };
      return { kind: 'decision', decision, command };
    }
    case 'decision':
      return { kind: 'decision', decision: message.decision };
    case 'outcome':
      return { kind: 'outcome', outcome: message.outcome };
    case 'divergence':
      return { kind: 'divergence', divergence: message.divergence };
    case 'read':
      return undefined;
    default:
      return never(message);
  }
}

export interface RecordPlace {
  readonly id: string;
  readonly target: TargetId;
  readonly at: Instant;
}

/** What a record is kept under. */
export function placeOf(record: AuditRecord): RecordPlace {
  switch (record.kind) {
    case 'decision':
      return record.decision;
    case 'external': {
      const { id, target, decidedAt } = record.command;
      return { id, target, at: decidedAt };
    }
    case 'outcome':
      return record.outcome;
    case 'divergence':
      return record.divergence;
    default:
      return never(record);
  }
}
