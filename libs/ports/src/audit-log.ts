import type { AuditRecord, Decision, Instant, SettingRecord, TargetId } from '@headroom/core';

/** The decisions, the settings that they were made with, and the outcomes; append-only. */
export interface AuditLog {
  /** `same`: it is there with this content. `different`: the id is taken by another content, which stays. */
  create(record: AuditRecord): Promise<'created' | 'same' | 'different'>;
  /** In order of log time, oldest first. */
  query(question: AuditQuestion): AsyncIterable<AuditRecord>;
  /**
   * The records whose id begins so, oldest first and `foundMax` at most; divergences, which are about others, are not among
   * them. Looks at every target: for people. An id with other characters than letters, digits and `.:@=+-_` has to be whole.
   */
  find(beginning: string): Promise<readonly AuditRecord[]>;
  /**
   * The version that the decision was made with: of its setting and number, the newest that took force by then. That of a
   * limit is kept under its account, that of a pooled deployment under the pool (`settingTargetOf`). Never one that says that
   * the setting moved to another partition: nothing was decided with it.
   */
  settingOf(decision: Decision): Promise<SettingRecord | undefined>;
}

/** Most records that `find` answers with. */
export const foundMax = 20;

export interface AuditQuestion {
  /** Every target when absent. */
  readonly target?: TargetId;
  readonly since: Instant;
  readonly until?: Instant;
}
