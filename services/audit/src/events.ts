import type { AuditRecord } from '@headroom/core';
import { countedLog } from '@headroom/runtime';
import type { CountedLog, EventLog } from '@headroom/runtime';

/** What happens in this service. The recorder writes the lines; here they are counted by kind. */
export interface AuditEvents {
  readonly log: CountedLog;
  recorded(record: AuditRecord, how: 'created' | 'same' | 'different'): void;
}

export function createEvents(base: EventLog): AuditEvents {
  const log = countedLog(base);
  return { log, recorded: (record, how) => log.count(`${record.kind}.${how}`) };
}
