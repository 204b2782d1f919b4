import { X509Certificate } from 'node:crypto';
import { accessSync, constants, existsSync, mkdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { damaged, DataFolderError, missing, newer, notUsable, sqliteFailure } from './failures.ts';
import { DATABASE_FILES, FORMAT, HEADROOM_VERSION, isUntouched, readFormat } from './format.ts';

/**
 * A bigger file is not read whole at the start, which has to be quick: a damaged page in it ends the
 * process when it is met. SQLite checks about 700 MB/s here.
 */
const MAX_CHECKED_BYTES = 128 * 1024 * 1024;

/** A process that was killed may take a moment to be gone. */
const LOCKED_TIMEOUT_MS = 1_000;

const CERTIFICATES = ['ca.pem', 'server.pem'];

/** Makes the folder, readable by its owner only; one that cannot be written is refused. */
export function makeFolder(folder: string): void {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    accessSync(folder, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch (error) {
    throw notUsable(folder, error);
  }
}

/**
 * Looks at what is in the folder before anything is written, and throws `DataFolderError` when it is
 * damaged, incomplete, or of a newer format. Pages are checked where the last process did not end in
 * order, or the file is not the one that it left.
 */
export function inspectFolder(folder: string): void {
  const format = readFormat(folder);
  for (const name of DATABASE_FILES) {
    const file = join(folder, name);
    const isThere = existsSync(file) && statSync(file).size > 0;
    if (isThere) inspectFile(file, format === undefined || !isUntouched(folder, name, format));
    else if (format !== undefined) throw missing(file);
  }
  for (const name of CERTIFICATES) inspectCertificate(join(folder, name));
}

function inspectCertificate(file: string): void {
  if (!existsSync(file)) return;
  try {
    new X509Certificate(readFileSync(file));
  } catch (cause) {
    const remedy =
      'Restore it, or delete the .pem files beside it to get new ones, which clients then have to trust';
    throw new DataFolderError(`${file} is damaged: it is no certificate. ${remedy}.`, { cause });
  }
}

function inspectFile(file: string, isSuspect: boolean): void {
  try {
    accessSync(file, constants.R_OK | constants.W_OK);
  } catch (error) {
    throw notUsable(file, error);
  }
  try {
    // Read-only: nothing is overwritten before it is known what it is.
    using database = new DatabaseSync(file, { readOnly: true, timeout: LOCKED_TIMEOUT_MS });
    checkFormat(database, file);
    database.prepare('SELECT count(*) FROM sqlite_schema').get();
    if (isSuspect && statSync(file).size <= MAX_CHECKED_BYTES) checkPages(database, file);
  } catch (error) {
    if (error instanceof DataFolderError) throw error;
    throw asFolderError(file, sqliteFailure(file, error));
  }
}

function checkFormat(database: DatabaseSync, file: string): void {
  const format = Number(database.prepare('PRAGMA user_version').get()?.['user_version']);
  if (format <= FORMAT) return;
  throw newer(file, { format }, { format: FORMAT, headroom: HEADROOM_VERSION });
}

function checkPages(database: DatabaseSync, file: string): void {
  const found = database.prepare('PRAGMA quick_check(1)').get()?.['quick_check'];
  if (found !== 'ok') throw damaged(file, `a check found "${String(found).trim()}"`);
}

/** What SQLite cannot open for another reason is no file that can be used. */
const asFolderError = (file: string, error: unknown): unknown =>
  error instanceof DataFolderError ? error : notUsable(file, error);
