import type { DatabaseSync, StatementSync } from 'node:sqlite';

/** A message as it is kept: `body` has everything but the header and our own annotations. */
export interface StoredMessage {
  readonly sequence: number;
  readonly enqueuedSequence: number;
  readonly enqueuedMs: number;
  /** Time to live as it was sent; undefined is for ever. */
  readonly ttlMs: number | undefined;
  /** Undefined once the message is active. */
  readonly scheduledMs: number | undefined;
  /** Set aside by a receiver: given out by its sequence number only. */
  readonly isDeferred: boolean;
  readonly deliveryCount: number;
  readonly body: Buffer;
}

export type MessageHead = Omit<StoredMessage, 'body'> & { readonly bytes: number };

/** Row ids of entity e start at e * SPAN. */
const SPAN = 2 ** 40;
/** After a restart the numbers go on behind the block: gaps are allowed, repeats are not. */
const SEQUENCE_BLOCK = 1000;

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS entities (id INTEGER PRIMARY KEY, name TEXT UNIQUE,
    reserved INTEGER NOT NULL DEFAULT 1);
  CREATE TABLE IF NOT EXISTS messages (id INTEGER PRIMARY KEY, enqueued_sequence INTEGER,
    enqueued_ms INTEGER, ttl_ms INTEGER, scheduled_ms INTEGER, delivery_count INTEGER, body BLOB,
    deferred INTEGER NOT NULL DEFAULT 0);
  CREATE TABLE IF NOT EXISTS message_ids (entity INTEGER, message_id TEXT, expires_ms INTEGER,
    PRIMARY KEY (entity, message_id)) WITHOUT ROWID;
  CREATE INDEX IF NOT EXISTS message_ids_by_time ON message_ids (entity, expires_ms);
  CREATE TABLE IF NOT EXISTS subscription_rules (entity INTEGER PRIMARY KEY, defined TEXT,
    rules TEXT);`;

const HEAD = `id, enqueued_sequence, enqueued_ms, ttl_ms, scheduled_ms, delivery_count, deferred,
  length(body) AS bytes`;

type Row = Record<string, unknown>;

/** The tables of Service Bus. */
export class BusStore {
  readonly #db: DatabaseSync;

  constructor(db: DatabaseSync) {
    this.#db = db;
    db.exec(SCHEMA);
    addDeferredColumn(db);
  }

  /** The rows of one queue, subscription, dead-letter queue or topic, made at first use. */
  entity(name: string): EntityStore {
    this.#db.prepare('INSERT OR IGNORE INTO entities (name) VALUES (?)').run(name);
    const row = this.#db.prepare('SELECT * FROM entities WHERE name = ?').get(name) as Row;
    return new EntityStore(this.#db, Number(row['id']), Number(row['reserved']));
  }
}

/** One entity's rows. Callers run the writing methods inside a journal entry. */
export class EntityStore {
  readonly #db: DatabaseSync;
  readonly #id: number;
  readonly #insert: StatementSync;
  readonly #remove: StatementSync;
  readonly #count: StatementSync;
  readonly #rewrite: StatementSync;
  readonly #defer: StatementSync;
  readonly #body: StatementSync;
  readonly #peek: StatementSync;
  readonly #remember: StatementSync;
  #nextSequence: number;
  #reserved: number;

  constructor(db: DatabaseSync, id: number, reserved: number) {
    this.#db = db;
    this.#id = id;
    this.#nextSequence = reserved;
    this.#reserved = reserved;
    this.#insert = db.prepare('INSERT INTO messages VALUES (?, ?, ?, ?, ?, ?, ?, ?)');
    this.#remove = db.prepare('DELETE FROM messages WHERE id = ?');
    this.#count = db.prepare('UPDATE messages SET delivery_count = ? WHERE id = ?');
    this.#rewrite = db.prepare('UPDATE messages SET body = ? WHERE id = ?');
    this.#defer = db.prepare('UPDATE messages SET deferred = 1 WHERE id = ?');
    this.#body = db.prepare('SELECT body FROM messages WHERE id = ?');
    this.#remember = db.prepare('INSERT OR REPLACE INTO message_ids VALUES (?, ?, ?)');
    this.#peek = db.prepare(
      `SELECT ${HEAD}, body FROM messages WHERE id >= ? AND id < ? ORDER BY id LIMIT ?`,
    );
  }

  nextSequence(): number {
    return this.#nextSequence++;
  }

  insert(message: StoredMessage): void {
    if (message.sequence >= this.#reserved) this.#reserve(message.sequence);
    this.#insert.run(
      this.#row(message.sequence),
      message.enqueuedSequence,
      message.enqueuedMs,
      message.ttlMs ?? null,
      message.scheduledMs ?? null,
      message.deliveryCount,
      message.body,
      Number(message.isDeferred),
    );
  }

  remove(sequence: number): void {
    this.#remove.run(this.#row(sequence));
  }

  setDeliveryCount(sequence: number, count: number): void {
    this.#count.run(count, this.#row(sequence));
  }

  setBody(sequence: number, body: Buffer): void {
    this.#rewrite.run(body, this.#row(sequence));
  }

  setDeferred(sequence: number): void {
    this.#defer.run(this.#row(sequence));
  }

  body(sequence: number): Buffer {
    const row = this.#body.get(this.#row(sequence)) as Row | undefined;
    if (row === undefined) throw new Error(`message ${sequence} has no row`);
    return blob(row['body']);
  }

  heads(): MessageHead[] {
    const rows = this.#db
      .prepare(`SELECT ${HEAD} FROM messages WHERE id >= ? AND id < ? ORDER BY id`)
      .all(this.#row(0), this.#row(SPAN)) as Row[];
    return rows.map((row) => this.#head(row));
  }

  /** Up to `max` messages from a sequence number on, about `maxBytes` of them. */
  peek(fromSequence: number, max: number, maxBytes: number): StoredMessage[] {
    const found: StoredMessage[] = [];
    let bytes = 0;
    const rows = this.#peek.iterate(this.#row(fromSequence), this.#row(SPAN), max);
    for (const row of rows as Iterable<Row>) {
      const head = this.#head(row);
      bytes += head.bytes;
      if (found.length > 0 && bytes > maxBytes) break;
      found.push({ ...head, body: blob(row['body']) });
    }
    return found;
  }

  rememberId(messageId: string, expiresMs: number): void {
    this.#remember.run(this.#id, messageId, expiresMs);
  }

  forgetIds(beforeMs: number): void {
    this.#db
      .prepare('DELETE FROM message_ids WHERE entity = ? AND expires_ms <= ?')
      .run(this.#id, beforeMs);
  }

  /** Message ids by the time they are forgotten, the earliest first. */
  rememberedIds(): Map<string, number> {
    const rows = this.#db
      .prepare(
        'SELECT message_id, expires_ms FROM message_ids WHERE entity = ? ORDER BY expires_ms',
      )
      .all(this.#id) as Row[];
    return new Map(rows.map((row) => [String(row['message_id']), Number(row['expires_ms'])]));
  }

  /** The rules in force, if they were made from `defined`, what the configuration says. */
  rules(defined: string): string | undefined {
    const row = this.#db
      .prepare('SELECT rules FROM subscription_rules WHERE entity = ? AND defined = ?')
      .get(this.#id, defined) as Row | undefined;
    return row === undefined ? undefined : String(row['rules']);
  }

  setRules(defined: string, rules: string): void {
    this.#db
      .prepare('INSERT OR REPLACE INTO subscription_rules VALUES (?, ?, ?)')
      .run(this.#id, defined, rules);
  }

  #row(sequence: number): number {
    return this.#id * SPAN + sequence;
  }

  #reserve(sequence: number): void {
    this.#reserved = sequence + SEQUENCE_BLOCK;
    this.#db.prepare('UPDATE entities SET reserved = ? WHERE id = ?').run(this.#reserved, this.#id);
  }

  #head(row: Row): MessageHead {
    return {
      sequence: Number(row['id']) - this.#row(0),
      enqueuedSequence: Number(row['enqueued_sequence']),
      enqueuedMs: Number(row['enqueued_ms']),
      ttlMs: optional(row['ttl_ms']),
      scheduledMs: optional(row['scheduled_ms']),
      isDeferred: row['deferred'] === 1,
      deliveryCount: Number(row['delivery_count']),
      bytes: Number(row['bytes']),
    };
  }
}

/** Data files of versions that could not defer get the column. */
function addDeferredColumn(db: DatabaseSync): void {
  const columns = db.prepare('PRAGMA table_info(messages)').all() as Row[];
  if (columns.some((column) => column['name'] === 'deferred')) return;
  db.exec('ALTER TABLE messages ADD COLUMN deferred INTEGER NOT NULL DEFAULT 0');
}

function optional(value: unknown): number | undefined {
  return value === null ? undefined : Number(value);
}

function blob(value: unknown): Buffer {
  const bytes = value as Uint8Array;
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
