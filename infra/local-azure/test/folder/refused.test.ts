import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { spawn } from 'node:child_process';
import { chmodSync, chownSync, cpSync, openSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { closeSync, mkdtempSync, statSync, truncateSync, writeFileSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, afterEach, beforeAll, beforeEach, expect, jest, test } from '@jest/globals';
import { CosmosClient } from '@azure/cosmos';
import { cosmos as topology } from '@headroom/topology';
import { DataFolderError, startLocalAzure } from '../../src/index.ts';
import type { LocalAzure } from '../../src/index.ts';

// A bound for a busy machine, not a pause.
jest.setTimeout(60_000);

const MAIN = new URL('../../src/main.ts', import.meta.url).pathname;
const PAGE_BYTES = 4096;
const ITEMS = 100;

let root: string;
let dataDir: string;

/** A folder that was used and closed in order; each test takes a copy and damages it. */
beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'folder-'));
  await using azure = await startLocalAzure({ dataDir: join(root, 'good') });
  using client = openCosmos(azure.env);
  const container = client.database(topology.database).container('operations');
  const items = Array.from({ length: ITEMS }, (_, n) => ({
    operationType: 'Create' as const,
    partitionKey: 'k',
    resourceBody: { id: `i${n}`, exclusionKey: 'k', text: 'x'.repeat(2000) },
  }));
  await container.items.executeBulkOperations(items);
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

beforeEach(() => {
  dataDir = join(root, 'copy');
  cpSync(join(root, 'good'), dataDir, { recursive: true, preserveTimestamps: true });
});
afterEach(() => rmSync(dataDir, { recursive: true, force: true }));

function openCosmos(env: LocalAzure['env']): CosmosClient & Disposable {
  const client = new CosmosClient({ endpoint: env.COSMOS_ENDPOINT, key: env.COSMOS_KEY });
  return Object.assign(client, { [Symbol.dispose]: () => client.dispose() });
}

const inAzure = (name: string): string => join(dataDir, 'azure', name);

/** Writes 0xff over bytes in the middle of a file. */
function overwrite(file: string, from: number, bytes: number): void {
  const handle = openSync(file, 'r+');
  writeSync(handle, Buffer.alloc(bytes, 0xff), 0, bytes, from);
  closeSync(handle);
}

function cutInHalf(file: string): void {
  truncateSync(file, Math.floor(statSync(file).size / 2 / PAGE_BYTES) * PAGE_BYTES);
}

function setVersion(file: string, version: number): void {
  using database = new DatabaseSync(file);
  database.exec(`PRAGMA user_version = ${version}`);
}

/** What is in the folder; SQLite's index of its log and the lock's own files hold no data. */
function fingerprint(): Record<string, string> {
  const files = readdirSync(dataDir, { recursive: true, withFileTypes: true });
  const kept = files.filter(({ name }) => !/-(shm|wal)$|^pid$|^lock/.test(name));
  const entries = kept
    .filter((file) => file.isFile())
    .map((file) => join(file.parentPath, file.name));
  return Object.fromEntries(
    entries.map((path) => [path, createHash('sha256').update(readFileSync(path)).digest('hex')]),
  );
}

const RESET = 'or delete everything in this one with "headroom local reset"';

test.each<[what: string, damage: () => void, file: string, says: string[]]>([
  [
    'a file cut in half',
    () => cutInHalf(inAzure('cosmos.sqlite')),
    'azure/cosmos.sqlite',
    ['is damaged', RESET],
  ],
  [
    'a damaged header',
    () => overwrite(inAzure('amqp.sqlite'), 0, 16),
    'azure/amqp.sqlite',
    ['it is no SQLite database', RESET],
  ],
  [
    'a damaged page',
    () => overwrite(inAzure('cosmos.sqlite'), 30 * PAGE_BYTES, 8 * PAGE_BYTES),
    'azure/cosmos.sqlite',
    ['is damaged', RESET],
  ],
  [
    'a file of another kind',
    () => writeFileSync(inAzure('arm.sqlite'), 'hello, world\n'.repeat(99)),
    'azure/arm.sqlite',
    ['it is no SQLite database', RESET],
  ],
  [
    'an empty file',
    () => truncateSync(inAzure('arm.sqlite'), 0),
    'azure/arm.sqlite',
    ['is missing, or empty', RESET],
  ],
  [
    'a missing file',
    () => rmSync(inAzure('amqp.sqlite')),
    'azure/amqp.sqlite',
    ['is missing, or empty', RESET],
  ],
  [
    'half a format.json',
    () => truncateSync(inAzure('format.json'), 20),
    'azure/format.json',
    ['is damaged', RESET],
  ],
  [
    'half an env.json',
    () => truncateSync(join(dataDir, 'env.json'), 40),
    'env.json',
    ['restore it, or delete it'],
  ],
  [
    'half a certificate',
    () => cutInHalf(inAzure('ca.pem')),
    'azure/ca.pem',
    ['is damaged: it is no certificate', 'delete the .pem files beside it'],
  ],
  [
    'a damaged lock',
    () => writeFileSync(inAzure('lock.sqlite'), 'x'.repeat(5000)),
    'azure/lock.sqlite',
    ['delete it and start again'],
  ],
  [
    'a folder of a newer format',
    () => writeFileSync(inAzure('format.json'), '{"format":7,"headroom":"9.1.0","closed":{}}'),
    'azure/format.json',
    [
      'was written by Headroom 9.1.0 in format 7',
      'this is Headroom 0.1.0, which reads formats up to 1',
      RESET,
    ],
  ],
  [
    'a file of a newer format',
    () => setVersion(inAzure('amqp.sqlite'), 2),
    'azure/amqp.sqlite',
    ['in format 2', 'reads formats up to 1'],
  ],
])('refuses %s, names it, and overwrites nothing', async (_what, damage, file, says) => {
  damage();
  const before = fingerprint();
  const error: unknown = await startLocalAzure({ dataDir }).catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(DataFolderError);
  const { message } = error as Error;
  for (const text of [join(dataDir, file), ...says]) expect(message).toContain(text);
  expect(fingerprint()).toEqual(before);
});

test('a folder from before the format was written down is accepted, stamped, and made to shrink', async () => {
  rmSync(inAzure('format.json'));
  for (const name of ['amqp.sqlite', 'cosmos.sqlite', 'arm.sqlite']) {
    using database = new DatabaseSync(inAzure(name));
    database.exec(
      'PRAGMA journal_mode = DELETE; PRAGMA auto_vacuum = NONE; VACUUM; PRAGMA user_version = 0',
    );
  }
  const azure = await startLocalAzure({ dataDir });
  using client = openCosmos(azure.env);
  const container = client.database(topology.database).container('operations');
  const { resources } = await container.items.query('SELECT VALUE COUNT(1) FROM c').fetchAll();
  expect(resources).toEqual([ITEMS]);
  await azure.close();
  expect(JSON.parse(readFileSync(inAzure('format.json'), 'utf8'))).toMatchObject({ format: 1 });
  using database = new DatabaseSync(inAzure('cosmos.sqlite'));
  expect(database.prepare('PRAGMA user_version').get()).toEqual({ user_version: 1 });
  expect(database.prepare('PRAGMA auto_vacuum').get()).toEqual({ auto_vacuum: 2 });
});

interface Ended {
  readonly code: number | null;
  readonly log: string;
}

/** The process as the user nobody, for whom permissions count; the tests may run as root. */
async function runAsNobody(): Promise<Ended> {
  const nobody = process.getuid?.() === 0 ? { uid: 65534, gid: 65534 } : {};
  const child = spawn(process.execPath, [MAIN, '--data', dataDir], nobody);
  let log = '';
  child.stderr.on('data', (chunk) => (log += String(chunk)));
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, log };
}

test('a folder that cannot be written is refused, with exit code 1', async () => {
  chmodSync(root, 0o755);
  chmodSync(dataDir, 0o755);
  chmodSync(inAzure('.'), 0o500);
  if (process.getuid?.() === 0) chownSync(inAzure('.'), 65534, 65534);
  const { code, log } = await runAsNobody();
  chmodSync(inAzure('.'), 0o700);
  expect(log).toContain(`${join(dataDir, 'azure')} cannot be used`);
  expect(log).toContain('Make it yours to read and write');
  expect(code).toBe(1);
});

test('a damaged page that is met later ends the process with the same message, and the next start is refused', async () => {
  const child = spawn(process.execPath, [MAIN, '--data', dataDir]);
  let log = '';
  child.stderr.on('data', (chunk) => (log += String(chunk)));
  const closed = once(child, 'close');
  await once(createInterface(child.stdout), 'line');
  overwrite(inAzure('cosmos.sqlite'), 30 * PAGE_BYTES, 8 * PAGE_BYTES);
  const env = JSON.parse(readFileSync(join(dataDir, 'env.json'), 'utf8')) as LocalAzure['env'];
  using client = openCosmos(env);
  const container = client.database(topology.database).container('operations');
  await expect(container.items.query('SELECT * FROM c').fetchAll()).rejects.toThrow();
  expect((await closed)[0]).toBe(1);
  expect(log).toContain(`${inAzure('cosmos.sqlite')} is damaged`);
  await expect(startLocalAzure({ dataDir })).rejects.toThrow(
    `${inAzure('cosmos.sqlite')} is damaged`,
  );
});
