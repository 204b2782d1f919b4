import { partitionOf } from '@headroom/core';
import type { SettingVersion, TargetId } from '@headroom/core';
import type { SettingsView } from '@headroom/ports';

/** The newest version of every setting, by the partition of the log that its target belongs to. */
export class SettingsByPartition implements Disposable {
  readonly #partitions: ReadonlyMap<TargetId, SettingVersion>[];
  readonly #unsubscribe: () => void;

  constructor(view: SettingsView, partitions: number) {
    const maps = Array.from({ length: partitions }, () => new Map<TargetId, SettingVersion>());
    this.#partitions = maps;
    this.#unsubscribe = view.subscribe((versions) => {
      for (const version of versions) {
        const map = maps[partitionOf(version.target, partitions)];
        if (version.version > (map?.get(version.target)?.version ?? 0)) {
          map?.set(version.target, version);
        }
      }
    });
  }

  of(partition: number): Iterable<SettingVersion> {
    return this.#partitions[partition]?.values() ?? [];
  }

  [Symbol.dispose](): void {
    this.#unsubscribe();
  }
}
