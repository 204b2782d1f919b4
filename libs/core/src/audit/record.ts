import type { Instant } from '../lang/instant.ts';
import type { TargetId } from '../lang/target.ts';
import type { Decision } from '../decision/decision.ts';
import type { ReadCommand, ScaleCommand } from '../command/command.ts';
import type { Outcome } from '../outcome/outcome.ts';
import type { SettingVersion } from '../setting/autoscale-setting.ts';

/** A second content under an id that was taken: the first stays, this is kept beside it and alerts. */
export interface Divergence {
  /** hash of the record's id and the second content. */
  readonly id: string;
  readonly recordId: string;
  readonly target: TargetId;
  readonly at: Instant;
  readonly second: string;
}

/** A version of a setting that took force: what later decisions of the target were made with. Replay reads it. */
export interface SettingRecord {
  /** hash(logId, partition, sequence, target, setting id, version, 'setting'). */
  readonly id: string;
  readonly target: TargetId;
  /** Log time at which it took force. */
  readonly at: Instant;
  readonly version: SettingVersion;
}

/** What goes to the topic `decisions`: the audit record and the command are one message. */
export type TopicMessage =
  | { readonly kind: 'scale'; readonly command: ScaleCommand; readonly decision?: Decision }
  | { readonly kind: 'read'; readonly command: ReadCommand }
  | { readonly kind: 'decision'; readonly decision: Decision }
  | { readonly kind: 'setting'; readonly setting: SettingRecord }
  | { readonly kind: 'outcome'; readonly outcome: Outcome }
  | { readonly kind: 'divergence'; readonly divergence: Divergence };

/** What the audit log keeps, append-only. A scale command from outside has no decision of ours. */
export type AuditRecord =
  | { readonly kind: 'decision'; readonly decision: Decision; readonly command?: ScaleCommand }
  | { readonly kind: 'external'; readonly command: ScaleCommand }
  | { readonly kind: 'setting'; readonly setting: SettingRecord }
  | { readonly kind: 'outcome'; readonly outcome: Outcome }
  | { readonly kind: 'divergence'; readonly divergence: Divergence };
