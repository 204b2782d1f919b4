import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { writeFileAtomically } from '../files.ts';
import { isObject, parseJson } from '../json.ts';
import { damaged, newer } from './failures.ts';

/** The version that the package has, too. */
export const HEADROOM_VERSION = '0.1.0';

/**
 * The form of what the folder holds, in each file's `user_version` and in format.json. Folders of
 * versions before it was written have 0: they are accepted, and stamped. A change that an older
 * version would read wrongly raises it, and reads both.
 */
export const FORMAT = 1;

/** The files that are kept together: without one of them the others are no whole. */
export const DATABASE_FILES = ['amqp.sqlite', 'cosmos.sqlite', 'arm.sqlite'] as const;
export type DatabaseFile = (typeof DATABASE_FILES)[number];

/** How a file looked when it was closed in order. */
export interface Closed {
  readonly bytes: number;
  readonly modifiedMs: number;
}

export interface FolderFormat {
  /** Undefined: it was not closed in order, or is open. */
  readonly closed: Partial<Record<DatabaseFile, Closed>>;
}

const fileIn = (folder: string): string => join(folder, 'format.json');

/** What the last one that used the folder left; `undefined` in a new folder, or one of format 0. */
export function readFormat(folder: string): FolderFormat | undefined {
  const file = fileIn(folder);
  if (!existsSync(file)) return undefined;
  const value = parseJson(readFileSync(file, 'utf8'));
  const format = isObject(value) ? value['format'] : undefined;
  if (!isObject(value) || typeof format !== 'number') {
    throw damaged(file, 'it is no JSON object with a format');
  }
  const { headroom, closed } = value;
  if (format > FORMAT) {
    const writer = typeof headroom === 'string' ? headroom : undefined;
    throw newer(file, { format, headroom: writer }, { format: FORMAT, headroom: HEADROOM_VERSION });
  }
  return { closed: isObject(closed) ? closed : {} };
}

/** Says in format.json how far the folder can be trusted. */
export interface Stamp extends Disposable {
  /** All files are there and open: if the process dies, they are looked at more closely. */
  open(): void;
  /** A damaged page was met: the next start shall check everything. */
  distrust(): void;
}

/** Disposed after the files were closed. A start that fails leaves the folder as it was. */
export function stampFolder(folder: string): Stamp {
  let isTrusted = false;
  return {
    open: () => {
      write(folder, {});
      isTrusted = true;
    },
    distrust: () => (isTrusted = false),
    [Symbol.dispose]: () => {
      if (isTrusted) markClosed(folder);
    },
  };
}

function markClosed(folder: string): void {
  const entries = DATABASE_FILES.filter((name) => existsSync(join(folder, name))).map((name) => [
    name,
    lookAt(join(folder, name)),
  ]);
  write(folder, Object.fromEntries(entries) as FolderFormat['closed']);
}

/** Whether nobody touched the file since it was closed in order. */
export function isUntouched(folder: string, name: DatabaseFile, format: FolderFormat): boolean {
  const { bytes, modifiedMs } = lookAt(join(folder, name));
  const closed = format.closed[name];
  return closed?.bytes === bytes && closed.modifiedMs === modifiedMs;
}

function lookAt(file: string): Closed {
  const { size, mtimeMs } = statSync(file);
  return { bytes: size, modifiedMs: mtimeMs };
}

function write(folder: string, closed: FolderFormat['closed']): void {
  const content = { format: FORMAT, headroom: HEADROOM_VERSION, closed };
  writeFileAtomically(fileIn(folder), `${JSON.stringify(content, null, 2)}\n`);
}
