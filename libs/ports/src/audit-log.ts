import type { AuditRecord, Instant, TargetId } from '@headroom/core';

/** The decisions and outcomes, append-only. */
export interface AuditLog {
  /** `same`: it is there with this content. `different`: the id is taken by another content, which stays. */
  create(record: AuditRecord): Promise<'created' | 'same' | 'different'>;
  /** In order of log time, oldest first. */
  query(question: AuditQuestion): AsyncIterable<AuditRecord>;
}

export interface AuditQuestion {
  /** Every target when absent. */
  readonly target?: TargetId;
  readonly since: Instant;
  readonly until?: Instant;
}
