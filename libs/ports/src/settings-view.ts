import type { SettingVersion } from '@headroom/core';

/** The settings in force, kept up to date by whoever follows the store once for the process. */
export interface SettingsView {
  /**
   * Calls `listener` with the complete set, as soon as it is known, then with each change; versions may repeat. Answers
   * what ends it.
   */
  subscribe(listener: (versions: readonly SettingVersion[]) => void): () => void;
}
