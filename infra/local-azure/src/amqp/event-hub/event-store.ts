import type { DatabaseSync, StatementSync } from 'node:sqlite';

/** One event as it is delivered: encoded, with its position already among its annotations. */
export interface StoredEvent {
  readonly sequence: number;
  readonly enqueuedMs: number;
  readonly bytes: Buffer;
}

/** Events that were appended together: they stand in one row, and go together. */
export interface EventBatch {
  readonly firstSequence: number;
  readonly enqueuedMs: number;
  /** What the partition took in before this batch: its size is the difference of two of these. */
  readonly startBytes: number;
  /** The events behind one another. */
  readonly body: Buffer;
  readonly sizes: readonly number[];
}

/** Where a batch stands, without its events. */
export type BatchMark = Pick<EventBatch, 'firstSequence' | 'enqueuedMs' | 'startBytes'>;

/** What is known of a partition after a restart. */
export interface PartitionState {
  readonly id: number;
  readonly firstSequence: number;
  readonly nextSequence: number;
  readonly lastEnqueuedMs: number;
  readonly firstBytes: number;
  readonly nextBytes: number;
}

/**
 * Sequence numbers of partition p are the row ids from p * SPAN: appending is appending to a tree.
 */
const SPAN = 2 ** 40;
/** One catch-up read stops after so many bytes, so that a slow reader holds little memory. */
const MAX_READ_BYTES = 1024 * 1024;
/** What a row costs besides its events, about; a partition's size counts it. */
const ROW_BYTES = 128;

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS hubs (name TEXT PRIMARY KEY, created_ms INTEGER, partitions INTEGER);
  CREATE TABLE IF NOT EXISTS partitions (id INTEGER PRIMARY KEY, hub TEXT, number INTEGER,
    next_sequence INTEGER NOT NULL DEFAULT 0, last_ms INTEGER NOT NULL DEFAULT 0,
    UNIQUE (hub, number));
  CREATE TABLE IF NOT EXISTS event_batches (id INTEGER PRIMARY KEY, ms INTEGER,
    start_bytes INTEGER, sizes BLOB, body BLOB);`;

/** Data files of before kept each event in a row of its own: each becomes a batch of one. */
const FROM_SINGLE_EVENTS = `
  BEGIN;
  INSERT INTO event_batches SELECT id, ms,
    SUM(length(body) + ${ROW_BYTES}) OVER (PARTITION BY id / ${SPAN} ORDER BY id)
      - length(body) - ${ROW_BYTES},
    unhex(printf('%08x', length(body))), body FROM events;
  DROP TABLE events;
  COMMIT;`;

type Row = Record<string, unknown>;

/** The tables of Event Hubs. Callers run the writing methods inside a journal entry. */
export class EventStore {
  readonly #db: DatabaseSync;
  readonly #insert: StatementSync;
  readonly #read: StatementSync;
  readonly #holding: StatementSync;
  readonly #trim: StatementSync;
  readonly #mark: StatementSync;

  constructor(db: DatabaseSync) {
    this.#db = db;
    db.exec(SCHEMA);
    const old = db.prepare("SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = 'events'");
    if (old.get() !== undefined) db.exec(FROM_SINGLE_EVENTS);
    this.#insert = db.prepare('INSERT INTO event_batches VALUES (?, ?, ?, ?, ?)');
    this.#read = db.prepare('SELECT * FROM event_batches WHERE id >= ? AND id < ? ORDER BY id');
    this.#holding = db.prepare(
      'SELECT id, ms, start_bytes FROM event_batches WHERE id >= ? AND id <= ? ' +
        'ORDER BY id DESC LIMIT 1',
    );
    this.#trim = db.prepare('DELETE FROM event_batches WHERE id >= ? AND id < ?');
    this.#mark = db.prepare('UPDATE partitions SET next_sequence = ?, last_ms = ? WHERE id = ?');
  }

  /** Creates the hub at its first start. Its creation time and partition count are for its life. */
  openHub(name: string, partitions: number, nowMs: number): { createdMs: number } {
    this.#db
      .prepare('INSERT OR IGNORE INTO hubs (name, created_ms, partitions) VALUES (?, ?, ?)')
      .run(name, nowMs, partitions);
    const row = this.#db.prepare('SELECT * FROM hubs WHERE name = ?').get(name) as Row;
    if (row['partitions'] !== partitions) {
      throw new Error(
        `Event hub '${name}' was created with ${String(row['partitions'])} partitions and cannot ` +
          `become one of ${partitions}: choose another data folder, or restore the count.`,
      );
    }
    return { createdMs: Number(row['created_ms']) };
  }

  openPartition(hub: string, number: number): PartitionState {
    this.#db
      .prepare('INSERT OR IGNORE INTO partitions (hub, number) VALUES (?, ?)')
      .run(hub, number);
    const row = this.#db
      .prepare('SELECT * FROM partitions WHERE hub = ? AND number = ?')
      .get(hub, number) as Row;
    const id = Number(row['id']);
    const first = this.#edge(id, 'ASC');
    const last = this.#edge(id, 'DESC');
    const nextSequence = Math.max(
      Number(row['next_sequence']),
      last === undefined ? 0 : last.firstSequence + last.sizes.length,
    );
    return {
      id,
      nextSequence,
      firstSequence: first?.firstSequence ?? nextSequence,
      lastEnqueuedMs: Math.max(Number(row['last_ms']), last?.enqueuedMs ?? 0),
      firstBytes: first?.startBytes ?? 0,
      nextBytes: last === undefined ? 0 : last.startBytes + batchBytes(last),
    };
  }

  insert(partition: number, batch: EventBatch): void {
    const sizes = Buffer.allocUnsafe(batch.sizes.length * 4);
    for (const [index, size] of batch.sizes.entries()) sizes.writeUInt32BE(size, index * 4);
    const id = partition * SPAN + batch.firstSequence;
    this.#insert.run(id, batch.enqueuedMs, batch.startBytes, sizes, batch.body);
  }

  /** The events of whole batches, from the one that holds `sequence` on: about 1 MiB, in order. */
  read(partition: number, sequence: number, below: number): StoredEvent[] {
    const base = partition * SPAN;
    const start = this.batchAt(partition, sequence)?.firstSequence ?? sequence;
    const events: StoredEvent[] = [];
    let bytes = 0;
    for (const row of this.#read.iterate(base + start, base + below) as Iterable<Row>) {
      const batch = batchOf(row, base);
      for (const event of eventsOf(batch)) events.push(event);
      bytes += batchBytes(batch);
      if (bytes >= MAX_READ_BYTES) break;
    }
    return events.slice(Math.max(sequence - start, 0));
  }

  /** The batch that holds an event of a partition. */
  batchAt(partition: number, sequence: number): BatchMark | undefined {
    const base = partition * SPAN;
    const row = this.#holding.get(base, base + sequence) as Row | undefined;
    return row === undefined ? undefined : markOf(row, base);
  }

  /**
   * Deletes the batches that begin in [from, to) and notes where the partition stands, which its
   * rows may not tell any more.
   */
  trim(partition: number, from: number, to: number, next: number, lastMs: number): void {
    this.#trim.run(partition * SPAN + from, partition * SPAN + to);
    this.#mark.run(next, lastMs, partition);
  }

  #edge(partition: number, order: 'ASC' | 'DESC'): EventBatch | undefined {
    const row = this.#db
      .prepare(`SELECT * FROM event_batches WHERE id >= ? AND id < ? ORDER BY id ${order} LIMIT 1`)
      .get(partition * SPAN, (partition + 1) * SPAN) as Row | undefined;
    return row === undefined ? undefined : batchOf(row, partition * SPAN);
  }
}

/** What a batch adds to the size of its partition. */
export function batchBytes(batch: EventBatch): number {
  return batch.body.length + ROW_BYTES;
}

export function eventsOf(batch: EventBatch): StoredEvent[] {
  let at = 0;
  return batch.sizes.map((size, index) => {
    const bytes = batch.body.subarray(at, at + size);
    at += size;
    return { sequence: batch.firstSequence + index, enqueuedMs: batch.enqueuedMs, bytes };
  });
}

function batchOf(row: Row, base: number): EventBatch {
  const sizes = bufferOf(row['sizes']);
  return {
    ...markOf(row, base),
    body: bufferOf(row['body']),
    sizes: Array.from({ length: sizes.length / 4 }, (_, index) => sizes.readUInt32BE(index * 4)),
  };
}

function markOf(row: Row, base: number): BatchMark {
  return {
    firstSequence: Number(row['id']) - base,
    enqueuedMs: Number(row['ms']),
    startBytes: Number(row['start_bytes']),
  };
}

function bufferOf(column: unknown): Buffer {
  const bytes = column as Uint8Array;
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
