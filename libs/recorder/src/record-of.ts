import { never } from '@headroom/core';
import type { AuditRecord, TopicMessage } from '@headroom/core';

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
    case 'setting':
      return { kind: 'setting', setting: message.setting };
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
