import { afterAll, beforeAll } from '@jest/globals';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { instant, type Instant } from '@headroom/core';
import { demoSettingFile } from '@headroom/demo';
import { startLocalAzure, type LocalAzure } from '@headroom/local-azure';
import { runCommandLine } from '../program.ts';

const startLimitMs = 30_000;

export interface Ran {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** An embedded Azure for the tests of a file, and the commands as somebody types them. */
export interface Headroom {
  readonly folder: string;
  readonly azure: LocalAzure;
  /** The clock of the commands. */
  now: Instant;
  run(...args: readonly string[]): Promise<Ran>;
  fileOf(name: string, text: string): Promise<string>;
}

export function useHeadroom(now = '2026-11-21T14:30:00Z'): () => Headroom {
  let current: Headroom;
  beforeAll(async () => {
    const folder = await mkdtemp(join(tmpdir(), 'headroom-cli-'));
    const azure = await startLocalAzure({ dataDir: folder });
    current = {
      folder,
      azure,
      now: instant(Date.parse(now)),
      run: (...args) => run(args, () => current.now),
      fileOf: async (name, text) => {
        const path = join(folder, name);
        await writeFile(path, text);
        return path;
      },
    };
  }, startLimitMs);
  afterAll(async () => {
    await current.azure.close();
    await rm(current.folder, { recursive: true, force: true });
  }, startLimitMs);
  return () => current;
}

async function run(args: readonly string[], now: () => Instant): Promise<Ran> {
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

/** The demo's setting for the deployment blue of another endpoint than `chat`. */
export async function settingFor(endpoint: string): Promise<string> {
  return (await readFile(demoSettingFile, 'utf8')).replaceAll('/chat', `/${endpoint}`);
}
