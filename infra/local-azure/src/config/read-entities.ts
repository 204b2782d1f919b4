import type { LocalEntities } from '../entities.ts';

/** What shall be served, from configuration files: ours, or the emulators' Config.json. */
export async function readEntities(files: readonly string[]): Promise<LocalEntities> {
  // Most starts have no configuration, and its parser takes a while to load.
  const { readConfig } = await import('./read-config.ts');
  return readConfig(files);
}
