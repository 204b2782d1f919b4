import { groupOf, partitionOf } from '@headroom/core';
import type { SettingVersion, TargetId } from '@headroom/core';
import type { SettingsView } from '@headroom/ports';

/** The newest version of every setting, by the partition of the log that its group belongs to. */
export class SettingsByPartition implements Disposable {
  readonly #partitions: readonly Map<TargetId, SettingVersion>[];
  readonly #unsubscribe: () => void;

  constructor(view: SettingsView, partitions: number) {
    this.#partitions = Array.from({ length: partitions }, () => new Map());
    this.#unsubscribe = view.subscribe((versions) => {
      for (const version of versions) this.#put(version);
    });
  }

  /**
   * What the partition's fold should hold. `held`: what it holds and may belong elsewhere, since a version named another group
   * or deleted the setting, and with it the name of its group.
   */
  *of(partition: number, held: Iterable<TargetId>): Generator<SettingVersion> {
    const own = this.#partitions[partition];
    if (own === undefined) return;
    yield* own.values();
    for (const target of held) {
      const elsewhere = own.has(target) ? undefined : this.#find(target)?.get(target);
      if (elsewhere !== undefined) yield leaving(elsewhere);
    }
  }

  [Symbol.dispose](): void {
    this.#unsubscribe();
  }

  #put(version: SettingVersion): void {
    const { target } = version;
    const known = this.#find(target);
    if (version.version <= (known?.get(target)?.version ?? 0)) return;
    const home =
      version.content.kind === 'unreadable' && known !== undefined
        ? known
        : this.#partitions[partitionOf(groupOf(version), this.#partitions.length)];
    if (known !== home) known?.delete(target);
    home?.set(target, version);
  }

  #find(target: TargetId): Map<TargetId, SettingVersion> | undefined {
    return this.#partitions.find((versions) => versions.has(target));
  }
}

/** The version as the fold takes it that has the setting no longer; one that cannot be read does not name its group. */
function leaving(version: SettingVersion): SettingVersion {
  const { kind } = version.content;
  if (kind === 'tombstone' || kind === 'unreadable') return version;
  return { ...version, content: { kind: 'moved', group: groupOf(version) } };
}
