import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Ports } from '../environment.ts';
import { writeFileAtomically } from '../files.ts';
import { isObject, parseJson } from '../json.ts';
import { isLocked, readPid } from '../lock.ts';
import type { Sync } from './database.ts';

/** What a running embedded Azure says of itself, for others who look into its folder. */
export interface Running {
  readonly pid: number;
  readonly headroom: string;
  readonly node: string;
  /** ISO 8601. */
  readonly startedAt: string;
  readonly ports: Ports;
  readonly sync: Sync;
  readonly isInMemory: boolean;
  /** Names. */
  readonly entities: {
    readonly eventHubs: readonly string[];
    readonly queues: readonly string[];
    readonly topics: readonly string[];
    readonly databases: readonly string[];
  };
}

const fileIn = (folder: string): string => join(folder, 'running.json');

/** Written when it is ready; gone when the answer is disposed. */
export function announce(folder: string, running: Running): Disposable {
  writeFileAtomically(fileIn(folder), `${JSON.stringify(running, null, 2)}\n`);
  return { [Symbol.dispose]: () => rmSync(fileIn(folder), { force: true }) };
}

/** The one that serves the folder now; 'starting' before it is ready; `undefined` when none does. */
export function whoRuns(folder: string): Running | 'starting' | undefined {
  if (!existsSync(folder) || !isLocked(folder)) return undefined;
  const file = fileIn(folder);
  const value = existsSync(file) ? parseJson(readFileSync(file, 'utf8')) : undefined;
  // A killed one leaves its file: the holder of the lock is who the file `pid` names.
  const holder = Number(readPid(folder));
  if (!isObject(value) || value['pid'] !== holder) return 'starting';
  return value as unknown as Running;
}
