import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll } from '@jest/globals';
import { startLocalAzure } from '@headroom/local-azure';
import type { LocalAzure, LocalAzureOptions } from '@headroom/local-azure';

/** Starting and stopping three servers on a busy machine. */
const startLimitMs = 30_000;

export type AzureForTests = Omit<LocalAzureOptions, 'dataDir'>;

/** The embedded Azure of a test file: one process of it in a folder of its own, gone with the file's last test. */
export interface TestAzure {
  /** What is running; only inside tests and hooks. */
  current(): LocalAzure;
  /** Ends it and starts it again over the same folder, on the same ports. */
  restart(): Promise<void>;
}

/** Call it at the top of a test file. */
export function useLocalAzure(options: AzureForTests = {}): TestAzure {
  let dataDir = '';
  let running: LocalAzure | undefined;
  const start = async (): Promise<void> => {
    running = await startLocalAzure({ ...options, dataDir });
  };
  const stop = async (): Promise<void> => {
    await running?.close();
    running = undefined;
  };
  beforeAll(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'headroom-test-'));
    await start();
  }, startLimitMs);
  afterAll(async () => {
    await stop();
    await rm(dataDir, { recursive: true, force: true });
  }, startLimitMs);
  return {
    current: () => {
      if (running === undefined) throw new Error('the embedded Azure runs inside tests only');
      return running;
    },
    restart: async () => {
      await stop();
      await start();
    },
  };
}
