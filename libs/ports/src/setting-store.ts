import type {
  Override,
  Policy,
  QuotaPoolPolicy,
  RateLimitPolicy,
  SettingVersion,
  TargetId,
} from '@headroom/core';

/** The settings in force, with their versions. */
export interface SettingStore {
  /** The newest version, a tombstone included. */
  read(target: TargetId): Promise<StoredSetting | undefined>;
  /**
   * Makes `document` (an autoscale setting, an account or a quota pool; kept verbatim) version `expected + 1`; 0 where there
   * was none. `undefined` as document: a tombstone. `conflict`: somebody wrote meanwhile.
   */
  write(write: SettingWrite): Promise<WrittenSetting>;
  /**
   * Makes version `expected + 1` of the setting: the same document, policy and shadows, these overrides and no others. `conflict`:
   * somebody wrote meanwhile, or there is no setting any more.
   */
  override(
    target: TargetId,
    expected: number,
    overrides: readonly Override[],
  ): Promise<WrittenSetting>;
  /**
   * Calls `changed` with every setting, then with each change as it comes, until `signal` aborts. The first call holds the
   * complete set, which may be empty. A full read now and then brings what the changes missed; a version may come twice.
   */
  follow(
    changed: (versions: readonly SettingVersion[]) => void,
    signal: AbortSignal,
  ): Promise<void>;
}

export interface StoredSetting extends SettingVersion {
  /** As it was written; absent for a tombstone. */
  readonly document?: unknown;
  /** As they were written, also where the rest cannot be read; absent where there are none. */
  readonly shadows?: readonly ShadowDocument[];
}

/** A candidate beside an autoscale setting. */
export interface ShadowDocument {
  readonly name: string;
  /** ARM JSON, kept verbatim. */
  readonly setting: unknown;
  /** In the form that people write, without a mode. */
  readonly policy: unknown;
}

export interface SettingWrite {
  readonly target: TargetId;
  readonly id: string;
  readonly expected: number;
  readonly document: unknown;
  /** Of the document's kind. */
  readonly policy: Policy | RateLimitPolicy | QuotaPoolPolicy;
  readonly overrides: readonly Override[];
  /** Of an autoscale setting; none where absent. */
  readonly shadows?: readonly ShadowDocument[];
}

export type WrittenSetting =
  { readonly kind: 'written'; readonly version: number } | { readonly kind: 'conflict' };
