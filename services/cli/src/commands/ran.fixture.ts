import { afterAll, beforeAll } from '@jest/globals';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Instant } from '@headroom/core';
import { runCommandLine } from '../program.ts';

export interface Ran {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** A command as somebody types it, where no system runs unless its arguments name one. */
export async function run(args: readonly string[], now: () => Instant): Promise<Ran> {
  const out: string[] = [];
  const err: string[] = [];
  const code = await runCommandLine(args, {
    env: {},
    now,
    out: (text) => out.push(text),
    err: (text) => err.push(text),
  });
  return { code, out: out.join(''), err: err.join('') };
}

/** A folder of their own for the tests of a file. */
export interface Folder {
  readonly folder: string;
  fileOf(name: string, text: string): Promise<string>;
}

export function useFolder(): () => Folder {
  let current: Folder;
  beforeAll(async () => {
    const folder = await mkdtemp(join(tmpdir(), 'headroom-cli-'));
    current = { folder, fileOf: (name, text) => written(folder, name, text) };
  });
  afterAll(() => rm(current.folder, { recursive: true, force: true }));
  return () => current;
}

export async function written(folder: string, name: string, text: string): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, text);
  return path;
}
