import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { ArmStore } from '../../src/arm/store.ts';
import { Journal } from '../../src/amqp/journal/journal.ts';
import { Compaction } from '../../src/folder/compaction.ts';
import { Database } from '../../src/folder/database.ts';
import { Sqlite } from '../../src/sqlite.ts';

let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'disk-'));
  file = join(folder, 'some.sqlite');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const MB = 1_000_000;
const SCHEMA = 'CREATE TABLE IF NOT EXISTS rows (n INTEGER PRIMARY KEY, body BLOB)';
const ROW = Buffer.alloc(50_000, 7);

const size = (of: string): number => statSync(of, { throwIfNoEntry: false })?.size ?? 0;

/** Waits for what the file's own timers do. */
async function until(condition: () => boolean): Promise<void> {
  const deadline = Date.now() + 20_000;
  while (!condition() && Date.now() < deadline) await pause(20);
  expect(condition()).toBe(true);
}

interface Filled {
  write(n: number): void;
  removeAll(): void;
  close(): void;
}

function openAmqp(): Filled {
  const journal = new Journal(file);
  journal.db.exec(SCHEMA);
  const insert = journal.db.prepare('INSERT INTO rows VALUES (?, ?)');
  return {
    write: (n) => {
      journal.submit({ write: () => insert.run(n, ROW) });
      journal.flush();
    },
    removeAll: () => journal.db.exec('DELETE FROM rows'),
    close: () => journal.close(),
  };
}

function openCosmos(): Filled {
  const sqlite = new Sqlite(file, SCHEMA);
  return {
    write: (n) => sqlite.run('INSERT INTO rows VALUES (?, ?)', n, ROW),
    removeAll: () => sqlite.run('DELETE FROM rows'),
    close: () => sqlite.close(),
  };
}

function openArm(): Filled {
  const sqlite = new Sqlite(file, '');
  const store = new ArmStore(sqlite);
  const body = { text: 'x'.repeat(ROW.length) };
  return {
    write: (n) => store.put({ id: `/all/r${n}`, type: 't', body, ready: 0 }),
    removeAll: () => store.remove('/all'),
    close: () => sqlite.close(),
  };
}

describe.each([
  ['amqp.sqlite', openAmqp],
  ['cosmos.sqlite', openCosmos],
  ['arm.sqlite', openArm],
])('%s', (_name, open) => {
  test('gives the room of what was deleted back, and empties its log when nothing is written', async () => {
    const filled = open();
    for (let n = 0; n < 200; n += 1) filled.write(n);
    filled.removeAll();
    await until(() => size(file) < 1.5 * MB && size(`${file}-wal`) === 0);
    filled.close();
    expect(size(file)).toBeLessThan(1.5 * MB);
  });

  test('keeps its log below 20 MB however much is written, and leaves none at the end', () => {
    const filled = open();
    let longest = 0;
    for (let n = 0; n < 800; n += 1) {
      filled.write(n);
      longest = Math.max(longest, size(`${file}-wal`));
    }
    expect(longest).toBeGreaterThan(0);
    expect(longest).toBeLessThan(20 * MB);
    filled.close();
    expect(size(`${file}-wal`)).toBe(0);
  });
});

test('free pages are given back one megabyte at a time, until a quarter of the file is free', () => {
  using database = openDatabase();
  const insert = database.prepare('INSERT INTO rows VALUES (?, ?)');
  for (let n = 0; n < 100; n += 1) insert.run(n, ROW);
  database.exec('DELETE FROM rows WHERE n >= 40');
  using compaction = new Compaction(database, file);
  const pages = (): number => database.pragma('page_count');
  let before = pages();
  while (compaction.slice()) {
    // Pages that only say where others are go with them.
    expect(before - pages()).toBeLessThanOrEqual(260);
    before = pages();
  }
  expect(database.pragma('freelist_count')).toBeLessThanOrEqual(Math.max(256, pages() / 4));
  expect(database.prepare('SELECT count(*) AS n FROM rows').get()).toEqual({ n: 40 });
});

function openDatabase(): Database {
  const database = new Database(file);
  database.exec(SCHEMA);
  return database;
}

test('with sync full each commit is synced; otherwise the log is synced when it is copied', () => {
  const FULL = 2;
  const NORMAL = 1;
  for (const [sync, expected] of [
    ['full', FULL],
    ['process', NORMAL],
    [undefined, NORMAL],
  ] as const) {
    using database = new Database(file, { sync });
    expect(database.pragma('synchronous')).toBe(expected);
    using journal = new DisposableStack();
    const amqp = new Journal(join(folder, `${sync}.sqlite`), { sync });
    journal.defer(() => amqp.close());
    expect(amqp.db.prepare('PRAGMA synchronous').get()).toEqual({ synchronous: expected });
  }
});

test('a full disk is an error that says so, and damages nothing', () => {
  using database = openDatabase();
  database.exec(`PRAGMA max_page_count = ${database.pragma('page_count') + 20}`);
  const insert = database.prepare('INSERT INTO rows VALUES (?, ?)');
  const fill = (): void => {
    for (let n = 0; n < 100; n += 1) insert.run(n, ROW);
  };
  expect(fill).toThrow(`${file} cannot be written: the disk is full`);
  expect(database.prepare('PRAGMA quick_check(1)').get()).toEqual({ quick_check: 'ok' });
});
