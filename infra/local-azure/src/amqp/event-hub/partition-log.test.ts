import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { until } from '../../../test/amqp/server.fixture.ts';
import { Journal } from '../journal/journal.ts';
import * as enc from '../protocol/encode.ts';
import { EventStore } from './event-store.ts';
import { PartitionLog } from './partition-log.ts';
import type { Retention } from './partition-log.ts';

const event = enc.described(0x75, enc.binary(Buffer.alloc(1000)));
const FOREVER: Retention = { ms: Infinity, bytes: Infinity };
const MEGABYTE = 1024 * 1024;

let journal: Journal;
let store: EventStore;
let now: number;

beforeEach(() => {
  journal = new Journal(':memory:');
  store = new EventStore(journal.db);
  now = 1000;
});

afterEach(() => journal.close());

function openLog(retention: Partial<Retention> = {}, number = 0): PartitionLog {
  const state = store.openPartition('metrics', number);
  const services = { store, journal, clock: () => now };
  return new PartitionLog(state, { ...FOREVER, ...retention }, services);
}

async function append(log: PartitionLog, batches: number, events = 1000): Promise<void> {
  for (let n = 0; n < batches; n++) {
    await new Promise<unknown>((done) => {
      log.append(
        Array.from({ length: events }, () => event),
        done,
      );
    });
  }
}

describe('retention by time', () => {
  test('all events that are too old go, however many, while others are still taken', async () => {
    const log = openLog({ ms: 3000 });
    await append(log, 12);
    now = 5000;
    await append(log, 1, 3);

    log.trim();
    const meanwhile = append(log, 1, 1);
    expect(log.firstSequence).toBeLessThan(12_000);
    await meanwhile;
    await until('the old events to go', () => log.firstSequence === 12_000);
    journal.flush();
    expect(store.read(1, 0, 20_000)[0]?.sequence).toBe(12_000);
    expect(log.lastPosition).toEqual({ sequence: 12_003, enqueuedMs: 5000 });
  });
});

describe('retention by size', () => {
  test('the oldest batches go as new ones come, without anybody asking', async () => {
    const log = openLog({ bytes: 4 * MEGABYTE });
    await append(log, 12);
    await until('the first batches to go', () => log.firstSequence >= 8000);
    expect(log.firstSequence).toBeLessThan(12_000);
    expect(log.firstSequence % 1000).toBe(0);
    expect(log.read(0)[0]?.sequence).toBe(log.firstSequence);
    expect(openLog().firstSequence).toBe(log.firstSequence);
  });

  test('the last batch stays, also when it alone is too large', async () => {
    const log = openLog({ bytes: 100 });
    await append(log, 3, 10);
    await until('the others to go', () => {
      log.trim();
      return log.firstSequence === 20;
    });
    journal.flush();
    expect(log.read(0).map(({ sequence }) => sequence)).toEqual([
      20, 21, 22, 23, 24, 25, 26, 27, 28, 29,
    ]);
  });

  test('what is there at a start counts', async () => {
    await append(openLog(), 12);
    const log = openLog({ bytes: 4 * MEGABYTE });
    log.trim();
    await until('the first batches to go', () => log.firstSequence >= 8000);
    expect(log.nextSequence).toBe(12_000);
  });
});

describe('reading', () => {
  test('begins inside a batch, on disk as in memory', async () => {
    const log = openLog();
    await append(log, 10, 700);
    const reopened = openLog();
    for (const from of [0, 1, 699, 700, 1401, 6999, 7000]) {
      const [first] = reopened.read(from);
      expect(first).toEqual(log.read(from)[0]);
      expect(first?.sequence).toBe(from === 7000 ? undefined : from);
    }
  });

  test('keeps to its partition', async () => {
    const [log, other] = [openLog(), openLog({}, 1)];
    await append(log, 1, 2);
    await append(other, 1, 3);
    expect(openLog().read(0)).toHaveLength(2);
    expect(openLog({}, 1).read(0)).toHaveLength(3);
    expect(openLog({}, 1).firstSequence).toBe(0);
  });
});

test('a journal that closes ends a trimming that is under way', async () => {
  const log = openLog();
  await append(log, 12);
  const trimming = openLog({ bytes: 1 });
  trimming.trim();
  journal.close();
  await new Promise((resolve) => setImmediate(resolve));
  expect(trimming.firstSequence).toBeLessThan(12_000);
});

test('a data file with an event in each row is read on', () => {
  journal.db.exec(`DROP TABLE event_batches;
    CREATE TABLE events (id INTEGER PRIMARY KEY, ms INTEGER, body BLOB);`);
  store = new EventStore(journal.db);
  openLog();
  journal.db.exec(`CREATE TABLE events (id INTEGER PRIMARY KEY, ms INTEGER, body BLOB);`);
  const insert = journal.db.prepare('INSERT INTO events VALUES (?, ?, ?)');
  for (const sequence of [5, 6, 7])
    insert.run(2 ** 40 + sequence, 100, Buffer.from(`e${sequence}`));
  store = new EventStore(journal.db);
  const log = openLog();
  expect([log.firstSequence, log.nextSequence]).toEqual([5, 8]);
  expect(log.read(6).map(({ bytes }) => bytes.toString())).toEqual(['e6', 'e7']);
  expect(openLog().read(0)).toHaveLength(3);
});
