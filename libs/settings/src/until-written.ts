import type { TargetId } from '@headroom/core';
import { SettingNotWritten } from './setting-not-written.ts';

/** Somebody else wrote between our read and our write: so often it is tried again. */
export const conflictRetriesMax = 5;

/** `attempt` reads and writes; `undefined`: another writer was faster. Throws `SettingNotWritten` when others keep writing. */
export async function untilWritten<T>(
  target: TargetId,
  attempt: () => Promise<T | undefined>,
): Promise<T> {
  for (let tries = 0; tries <= conflictRetriesMax; tries++) {
    const written = await attempt();
    if (written !== undefined) return written;
  }
  throw new SettingNotWritten(
    `Nothing was written: others changed the setting of ${target} ${conflictRetriesMax + 1} times meanwhile. Look who writes it, then try again.`,
  );
}
