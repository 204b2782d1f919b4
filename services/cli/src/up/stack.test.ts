import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { watchEnding } from './ending.ts';
import { lockDataFolder } from './lock.ts';
import { childSpecs, serviceNames } from './stack.ts';

const children = { dataDir: '/data', instances: 2, disableLocalAuth: false, gateway: () => ({}) };

describe('the processes of a system', () => {
  test('the embedded Azure comes first: it ends last', () => {
    const names = childSpecs(children).map(({ name }) => name);
    expect(names).toEqual(['azure', 'ingest', 'ingest-2', 'scaler', 'audit', 'poller', 'gateway']);
    expect(serviceNames(1)).toEqual(['ingest', 'scaler', 'audit', 'poller', 'gateway']);
  });

  test('each is a file that is there', () => {
    for (const { args } of childSpecs(children)) {
      expect(existsSync(args[0]!)).toBe(true);
    }
  });
});

describe('one run a data folder', () => {
  let folder = '';
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'headroom-lock-'));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  test('a second one is refused, by the process that has it, until the first has ended', () => {
    const first = lockDataFolder(join(folder, 'new'));
    expect(() => lockDataFolder(join(folder, 'new'))).toThrow(
      `is in use by another "headroom up" (process ${process.pid})`,
    );
    first[Symbol.dispose]();
    lockDataFolder(join(folder, 'new'))[Symbol.dispose]();
  });
});

test('a data folder that cannot be made is named, with what to do', () => {
  expect(() => lockDataFolder('/dev/null/data')).toThrow(
    /\/dev\/null\/data cannot be used: .*--data DIR/,
  );
});

describe('the end of a run', () => {
  test('the first signal asks for it, the second is in a hurry', () => {
    let nowMs = 0;
    using ending = watchEnding(undefined, () => nowMs);
    process.emit('SIGINT');
    // npm passes the terminal's Ctrl-C on: the same wish again.
    process.emit('SIGINT');
    expect([ending.signal.aborted, ending.hurry.aborted, ending.asked()]).toEqual([
      true,
      false,
      true,
    ]);
    nowMs = 2_000;
    process.emit('SIGTERM');
    expect(ending.hurry.aborted).toBe(true);
  });

  test('a run whose time is over was not asked to end', async () => {
    using ending = watchEnding(1);
    await new Promise((resolve) => ending.signal.addEventListener('abort', resolve));
    expect(ending.asked()).toBe(false);
    expect(ending.hurry.aborted).toBe(false);
  });

  test('afterwards signals are the process’s own again', () => {
    const before = process.listenerCount('SIGHUP');
    watchEnding(undefined)[Symbol.dispose]();
    expect(process.listenerCount('SIGHUP')).toBe(before);
  });
});
