import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { CommandFailed, messageOf } from '../command-failed.ts';

/**
 * Takes the data folder for this run, or throws `CommandFailed`. The lock is SQLite's on a file: the system frees it when
 * the process dies, however it dies. Without it a second start would fail in its first child, less clearly.
 */
export function lockDataFolder(folder: string): Disposable {
  const pidFile = join(folder, 'up.pid');
  const database = openLock(folder);
  try {
    database.exec('BEGIN EXCLUSIVE');
    writeFileSync(pidFile, String(process.pid));
  } catch (error) {
    database.close();
    throw isBusy(error) ? inUse(folder, pidIn(pidFile)) : unusable(folder, error);
  }
  return { [Symbol.dispose]: () => database.close() };
}

function openLock(folder: string): DatabaseSync {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    return new DatabaseSync(join(folder, 'up.lock'));
  } catch (error) {
    throw unusable(folder, error);
  }
}

/** SQLITE_BUSY: another process has the lock. */
const busyCode = 5;

function isBusy(error: unknown): boolean {
  return typeof error === 'object' && (error as { errcode?: unknown } | null)?.errcode === busyCode;
}

function inUse(folder: string, pid: string): CommandFailed {
  return new CommandFailed(
    `${folder} is in use by another "headroom up" (process ${pid}). End that one with Ctrl-C, or start with another folder: --data DIR`,
  );
}

function unusable(folder: string, cause: unknown): CommandFailed {
  const message = `${folder} cannot be used: ${messageOf(cause)}. Make it writable, or start with another folder: --data DIR`;
  return new CommandFailed(message, { cause });
}

function pidIn(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return 'unknown';
  }
}
