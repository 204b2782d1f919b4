import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { CommandFailed } from '../command-failed.ts';

/**
 * Takes the data folder for this run, or throws `CommandFailed`. The lock is SQLite's on a file: the system frees it when
 * the process dies, however it dies. Without it a second start would fail in its first child, less clearly.
 */
export function lockDataFolder(folder: string): Disposable {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const pidFile = join(folder, 'up.pid');
  const database = new DatabaseSync(join(folder, 'up.lock'));
  try {
    database.exec('BEGIN EXCLUSIVE');
  } catch {
    database.close();
    throw new CommandFailed(
      `${folder} is in use by another "headroom up" (process ${pidIn(pidFile)}). End that one with Ctrl-C, or start with another folder: --data DIR`,
    );
  }
  writeFileSync(pidFile, String(process.pid));
  return { [Symbol.dispose]: () => database.close() };
}

function pidIn(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return 'unknown';
  }
}
