import type { DatabaseSync, StatementSync } from 'node:sqlite';

/** One event as it is delivered: encoded, with its position already among its annotations. */
export interface StoredEvent {
  readonly sequence: number;
  readonly enqueuedMs: number;
  readonly bytes: Buffer;
}

/** What is known of a partition after a restart. */
export interface PartitionState {
  readonly id: number;
  readonly firstSequence: number;
  readonly nextSequence: number;
  readonly lastEnqueuedMs: number;
}

/**
 * Sequence numbers of partition p are the row ids from p * SPAN: appending is appending to a tree.
 */
const SPAN = 2 ** 40;
/** One catch-up read stops after so many bytes, so that a slow reader holds little memory. */
const MAX_READ_BYTES = 1024 * 1024;

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS hubs (name TEXT PRIMARY KEY, created_ms INTEGER, partitions INTEGER);
  CREATE TABLE IF NOT EXISTS partitions (id INTEGER PRIMARY KEY, hub TEXT, number INTEGER,
    next_sequence INTEGER NOT NULL DEFAULT 0, last_ms INTEGER NOT NULL DEFAULT 0,
    UNIQUE (hub, number));
  CREATE TABLE IF NOT EXISTS events (id INTEGER PRIMARY KEY, ms INTEGER, body BLOB);`;

type Row = Record<string, unknown>;

/** The tables of Event Hubs. Callers run the writing methods inside a journal entry. */
export class EventStore {
  readonly #db: DatabaseSync;
  readonly #insert: StatementSync;
  readonly #read: StatementSync;
  readonly #time: StatementSync;
  readonly #trim: StatementSync;
  readonly #mark: StatementSync;

  constructor(db: DatabaseSync) {
    this.#db = db;
    db.exec(SCHEMA);
    this.#insert = db.prepare('INSERT INTO events (id, ms, body) VALUES (?, ?, ?)');
    this.#read = db.prepare(
      'SELECT id, ms, body FROM events WHERE id >= ? AND id < ? ORDER BY id LIMIT ?',
    );
    this.#time = db.prepare('SELECT ms FROM events WHERE id = ?');
    this.#trim = db.prepare('DELETE FROM events WHERE id >= ? AND id < ?');
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
    const nextSequence = Math.max(Number(row['next_sequence']), last ? last.sequence + 1 : 0);
    return {
      id,
      nextSequence,
      firstSequence: first?.sequence ?? nextSequence,
      lastEnqueuedMs: Math.max(Number(row['last_ms']), last?.ms ?? 0),
    };
  }

  insert(partition: number, event: StoredEvent): void {
    this.#insert.run(partition * SPAN + event.sequence, event.enqueuedMs, event.bytes);
  }

  /** Events from `sequence` on, fewer than `below`, in order; at most `max`, and about 1 MiB. */
  read(partition: number, sequence: number, below: number, max: number): StoredEvent[] {
    const base = partition * SPAN;
    const events: StoredEvent[] = [];
    let bytes = 0;
    for (const row of this.#read.iterate(base + sequence, base + below, max) as Iterable<Row>) {
      const body = row['body'] as Uint8Array;
      events.push({
        sequence: Number(row['id']) - base,
        enqueuedMs: Number(row['ms']),
        bytes: Buffer.from(body.buffer, body.byteOffset, body.byteLength),
      });
      bytes += body.byteLength;
      if (bytes >= MAX_READ_BYTES) break;
    }
    return events;
  }

  enqueuedMs(partition: number, sequence: number): number | undefined {
    const row = this.#time.get(partition * SPAN + sequence) as Row | undefined;
    return row === undefined ? undefined : Number(row['ms']);
  }

  /**
   * Deletes [from, to) and notes where the partition stands, which its rows may not tell any more.
   */
  trim(partition: number, from: number, to: number, next: number, lastMs: number): void {
    this.#trim.run(partition * SPAN + from, partition * SPAN + to);
    this.#mark.run(next, lastMs, partition);
  }

  #edge(partition: number, order: 'ASC' | 'DESC'): { sequence: number; ms: number } | undefined {
    const row = this.#db
      .prepare(`SELECT id, ms FROM events WHERE id >= ? AND id < ? ORDER BY id ${order} LIMIT 1`)
      .get(partition * SPAN, (partition + 1) * SPAN) as Row | undefined;
    if (row === undefined) return undefined;
    return { sequence: Number(row['id']) - partition * SPAN, ms: Number(row['ms']) };
  }
}
