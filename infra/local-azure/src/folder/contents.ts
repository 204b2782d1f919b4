import { existsSync, readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { lockFolder } from '../lock.ts';
import { DataFolderError } from './failures.ts';

export interface Content {
  /** Relative to the data folder. */
  readonly name: string;
  readonly bytes: number;
}

const ENVIRONMENT_FILE = 'env.json';
const AZURE_FOLDER = 'azure';

/** What a data folder has on the disk, without what others keep beside it: logs, for instance. */
export function contentsOf(dataDir: string): readonly Content[] {
  const folder = join(dataDir, AZURE_FOLDER);
  const below = existsSync(folder)
    ? readdirSync(folder).map((name) => join(AZURE_FOLDER, name))
    : [];
  const own = existsSync(join(dataDir, ENVIRONMENT_FILE)) ? [ENVIRONMENT_FILE] : [];
  return [...below.sort(), ...own].flatMap((name) => {
    // SQLite's own files come and go meanwhile.
    const stat = statSync(join(dataDir, name), { throwIfNoEntry: false });
    return stat === undefined ? [] : [{ name, bytes: stat.size }];
  });
}

/** Deletes all of that: the next start has new keys. Throws `FolderInUseError` while somebody runs. */
export function resetFolder(dataDir: string): void {
  const folder = join(dataDir, AZURE_FOLDER);
  if (existsSync(folder)) {
    using lock = new DisposableStack();
    lock.use(lockOrNothing(folder));
    rmSync(folder, { recursive: true, force: true });
  }
  rmSync(join(dataDir, ENVIRONMENT_FILE), { force: true });
}

/** A damaged lock keeps nobody from deleting it. */
function lockOrNothing(folder: string): Disposable | undefined {
  try {
    return lockFolder(folder);
  } catch (error) {
    const isDamaged = error instanceof DataFolderError && error.name === 'DataFolderError';
    if (isDamaged) return undefined;
    throw error;
  }
}
