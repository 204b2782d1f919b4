import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { Violation } from './check/violation.ts';

/** What SQLite finds wrong with the files of a folder whose process is dead. */
export function damage(dataDir: string, kill: number): Violation[] {
  const folder = join(dataDir, 'azure');
  const files = readdirSync(folder).filter((name) => name.endsWith('.sqlite'));
  return files.flatMap((where) =>
    findings(join(folder, where)).map((what) => ({ where, what, kill })),
  );
}

function findings(file: string): string[] {
  try {
    const database = new DatabaseSync(file);
    try {
      const rows = database.prepare('PRAGMA integrity_check').all();
      return rows.map((row) => String(row['integrity_check'])).filter((text) => text !== 'ok');
    } finally {
      database.close();
    }
  } catch (error) {
    return [String(error)];
  }
}
