import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { DataFolderError, isBusy, notUsable } from './folder/failures.ts';

/** Another process serves this folder. */
export class FolderInUseError extends DataFolderError {
  override readonly name = 'FolderInUseError';
  readonly folder: string;
  readonly pid: string;

  constructor(folder: string, pid: string, cause: unknown) {
    const message = `The data folder ${folder} is in use by the embedded Azure with process id ${pid}`;
    super(`${message}: stop that process, or start with another folder (--data).`, { cause });
    this.folder = folder;
    this.pid = pid;
  }
}

/** One who only looks whether there is a lock holds it for a moment. */
const LOOKER_TIMEOUT_MS = 500;

/**
 * Takes the folder for this process, or throws `FolderInUseError`. The lock is SQLite's lock on a
 * file: the system frees it when the process dies, however it dies, so that no stale one is left. The
 * file `pid` beside it only names the holder.
 */
export function lockFolder(folder: string): Disposable {
  const file = join(folder, 'lock.sqlite');
  const database = openLock(file);
  try {
    database.exec('BEGIN EXCLUSIVE');
  } catch (error) {
    database.close();
    if (isBusy(error)) throw new FolderInUseError(folder, readPid(folder), error);
    throw unusableLock(file, error);
  }
  writeFileSync(pidFileIn(folder), String(process.pid));
  return { [Symbol.dispose]: () => database.close() };
}

/** Whether a process has the folder now. */
export function isLocked(folder: string): boolean {
  try {
    using database = new DatabaseSync(join(folder, 'lock.sqlite'), { readOnly: true });
    database.prepare('SELECT count(*) FROM sqlite_schema').get();
    return false;
  } catch (error) {
    return isBusy(error);
  }
}

function openLock(file: string): DatabaseSync {
  try {
    return new DatabaseSync(file, { timeout: LOOKER_TIMEOUT_MS });
  } catch (error) {
    throw notUsable(file, error);
  }
}

/** It holds nothing but the lock, so that it may go. */
function unusableLock(file: string, cause: unknown): DataFolderError {
  const message = `${file}, which only keeps two processes from one folder, is damaged: delete it and start again.`;
  return new DataFolderError(message, { cause });
}

const pidFileIn = (folder: string): string => join(folder, 'pid');

/** Who took the folder last. */
export function readPid(folder: string): string {
  try {
    return readFileSync(pidFileIn(folder), 'utf8');
  } catch {
    return 'unknown';
  }
}
