import { afterAll, beforeAll } from '@jest/globals';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { instant, type Instant } from '@headroom/core';
import { demoSettingFile } from '@headroom/demo';
import { startLocalAzure, type LocalAzure } from '@headroom/local-azure';
import { run, written, type Ran } from './ran.fixture.ts';

const startLimitMs = 30_000;

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
      fileOf: (name, text) => written(folder, name, text),
    };
  }, startLimitMs);
  afterAll(async () => {
    await current.azure.close();
    await rm(current.folder, { recursive: true, force: true });
  }, startLimitMs);
  return () => current;
}

/** The demo's setting for the deployment blue of another endpoint than `chat`. */
export async function settingFor(endpoint: string): Promise<string> {
  return (await readFile(demoSettingFile, 'utf8')).replaceAll('/chat', `/${endpoint}`);
}
