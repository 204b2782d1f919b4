import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

/** Another process serves this folder. */
export class FolderInUseError extends Error {
  readonly folder: string;
  readonly pid: string;

  constructor(folder: string, pid: string, cause: unknown) {
    const message = `The data folder ${folder} is in use by the embedded Azure with process id ${pid}`;
    super(`${message}: stop that process, or start with another folder (--data).`, { cause });
    this.name = 'FolderInUseError';
    this.folder = folder;
    this.pid = pid;
  }
}

/**
 * Takes the folder for this process, or throws `FolderInUseError`. The lock is SQLite's lock on a
 * file: the system frees it when the process dies, however it dies, so that no stale one is left. The
 * file `pid` beside it only names the holder.
 */
export function lockFolder(folder: string): Disposable {
  const database = new DatabaseSync(join(folder, 'lock.sqlite'));
  const pidFile = join(folder, 'pid');
  try {
    database.exec('BEGIN EXCLUSIVE');
  } catch (error) {
    database.close();
    throw new FolderInUseError(folder, readPid(pidFile), error);
  }
  writeFileSync(pidFile, String(process.pid));
  return { [Symbol.dispose]: () => database.close() };
}

function readPid(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return 'unknown';
  }
}
