import { targetId } from '@headroom/core';
import type { SettingVersion } from '@headroom/core';
import type { SettingStore } from '@headroom/ports';

/** The newest version of every setting, deleted ones too. Throws at once when the store is away. */
export async function knownSettings(store: SettingStore): Promise<readonly SettingVersion[]> {
  // `follow` waits for a store that is away; a question fails at once and says so.
  await store.read(targetId('/no/such/target'));
  const enough = new AbortController();
  let known: readonly SettingVersion[] = [];
  // The first call holds the complete set.
  await store.follow((versions) => {
    if (!enough.signal.aborted) known = versions;
    enough.abort();
  }, enough.signal);
  return known;
}
