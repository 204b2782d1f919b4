/** The data folder, or a file in it, cannot be used as it is. The message says what to do. */
export class DataFolderError extends Error {
  override readonly name: string = 'DataFolderError';
}

/** What can be done about a file that cannot be read any more. */
const RESTORE =
  'Restore it from a copy, start with another folder (--data DIR), or delete everything in this one with "headroom local reset"';

export function damaged(file: string, what: string, cause?: unknown): DataFolderError {
  return new DataFolderError(`${file} is damaged: ${what}. ${RESTORE}.`, causeOf(cause));
}

export function missing(file: string): DataFolderError {
  const what = 'is missing, or empty, though the folder was in use before';
  return new DataFolderError(`${file} ${what}. ${RESTORE}.`);
}

export function newer(
  file: string,
  found: { readonly format: number; readonly headroom?: string | undefined },
  own: { readonly format: number; readonly headroom: string },
): DataFolderError {
  const writer = found.headroom === undefined ? 'a newer Headroom' : `Headroom ${found.headroom}`;
  const reader = `this is Headroom ${own.headroom}, which reads formats up to ${own.format}`;
  return new DataFolderError(
    `${file} was written by ${writer} in format ${found.format}; ${reader}. ` +
      'Use that version, start with another folder (--data DIR), or delete everything in this one with "headroom local reset".',
  );
}

export function notUsable(file: string, cause: unknown): DataFolderError {
  const message = `${file} cannot be used: ${textOf(cause)}`;
  return new DataFolderError(
    `${message}. Make it yours to read and write, or start with another folder (--data DIR).`,
    causeOf(cause),
  );
}

/** SQLite's result codes, without what the extended ones add. */
const BUSY = 5;
const CORRUPT = 11;
const FULL = 13;
const NOT_A_DATABASE = 26;

/** An error that SQLite met in this file, as what a person can do something about; others as they are. */
export function sqliteFailure(file: string, error: unknown): unknown {
  switch (resultCode(error)) {
    case CORRUPT:
      return damaged(file, `SQLite says "${textOf(error)}"`, error);
    case NOT_A_DATABASE:
      return damaged(file, 'it is no SQLite database', error);
    case BUSY: {
      const message = `${file} is in use by another process: stop that one, or start with another folder (--data DIR).`;
      return new DataFolderError(message, causeOf(error));
    }
    case FULL: {
      const message = `${file} cannot be written: the disk is full. Free some space and start again.`;
      return new DataFolderError(message, causeOf(error));
    }
    default:
      return error;
  }
}

export function isDamage(error: unknown): boolean {
  const code = resultCode(error);
  return code === CORRUPT || code === NOT_A_DATABASE;
}

export const isBusy = (error: unknown): boolean => resultCode(error) === BUSY;

function resultCode(error: unknown): number | undefined {
  const code = typeof error === 'object' && error !== null && 'errcode' in error && error.errcode;
  return typeof code === 'number' ? code & 0xff : undefined;
}

const textOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

const causeOf = (cause: unknown): ErrorOptions => (cause === undefined ? {} : { cause });
