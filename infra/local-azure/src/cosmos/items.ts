import type { JsonObject } from '../json.ts';
import type { Sqlite } from '../sqlite.ts';
import type { Container } from './catalog.ts';
import { newEtag, resourceId, ridOf, seconds } from './catalog.ts';
import { badRequest, conflict, notFound, preconditionFailed, tooLarge } from './errors.ts';
import type { Scope } from './partition-key.ts';
import { scopeSql } from './partition-key.ts';

/** The service's limit of one item. */
export const MAX_ITEM_BYTES = 2 * 1024 * 1024;
/** The service's limit of one answer; the item that passes it is its last. */
export const MAX_PAGE_BYTES = 4 * 1024 * 1024;
/** Rows that a scan looks at before other requests get their turn. */
const SLICE_ROWS = 500;
const SYSTEM_PROPERTIES = new Set(['_rid', '_self', '_etag', '_attachments', '_ts', '_lsn']);

/** A stored item; `body` is its JSON without system properties. */
export interface Row {
  readonly n: number;
  readonly pk: string;
  readonly id: string;
  readonly body: string;
  readonly etag: string;
  /** Seconds since 1970. */
  readonly ts: number;
  /** Counts the container's writes. */
  readonly lsn: number;
}

/** ETags of a conditional request. */
export interface Condition {
  readonly ifMatch?: string | undefined;
  readonly ifNoneMatch?: string | undefined;
}

/** Where a scan goes on: after this key and id. */
export interface Position {
  readonly pk: string;
  readonly id: string;
}

export interface Slice {
  readonly rows: readonly Row[];
  /** Nothing comes behind it. */
  readonly isLast: boolean;
}

/** The items of one container. Expired ones do not exist, swept or not. */
export class Items {
  private readonly sqlite: Sqlite;
  private readonly container: Container;
  private readonly clock: () => number;
  private readonly table: string;

  constructor(sqlite: Sqlite, container: Container, clock: () => number) {
    this.sqlite = sqlite;
    this.container = container;
    this.clock = clock;
    this.table = `items_${container.n}`;
  }

  find(pk: string, id: string): Row | undefined {
    const sql = `SELECT * FROM ${this.table} WHERE pk = ? AND id = ? AND ${LIVE}`;
    return this.sqlite.all<Row>(sql, pk, id, seconds(this.clock))[0];
  }

  read(pk: string, id: string): Row {
    const row = this.find(pk, id);
    if (row === undefined) throw notFound(`Item ${id} in partition ${pk}`);
    return row;
  }

  create(pk: string, item: JsonObject): Row {
    return this.sqlite.transact(() => {
      const id = resourceId(item['id']);
      if (this.find(pk, id) !== undefined) throw conflict(`Item ${id} in partition ${pk}`);
      return this.write(pk, id, item);
    });
  }

  replace(pk: string, id: string, item: JsonObject, condition: Condition): Row {
    return this.sqlite.transact(() => {
      checkMatch(this.read(pk, id), condition);
      if (item['id'] !== id) throw badRequest(`The item's id must be ${id}.`);
      return this.write(pk, id, item);
    });
  }

  upsert(
    pk: string,
    item: JsonObject,
    condition: Condition,
  ): { readonly row: Row; readonly created: boolean } {
    return this.sqlite.transact(() => {
      const id = resourceId(item['id']);
      const old = this.find(pk, id);
      // As on Azure: a condition on an upsert is looked at only when there is something to replace.
      if (old !== undefined) checkMatch(old, condition);
      return { row: this.write(pk, id, item), created: old === undefined };
    });
  }

  remove(pk: string, id: string, condition: Condition): void {
    this.sqlite.transact(() => {
      const old = this.read(pk, id);
      checkMatch(old, condition);
      this.nextLsn();
      this.sqlite.run(`DELETE FROM ${this.table} WHERE n = ?`, old.n);
    });
  }

  /** A slice of a scan in the order of (key, id), small enough to be held. */
  slice(scope: Scope, after: Position | undefined, id?: string): Slice {
    const { sql, values } = boundsOf(scope, after);
    const conditions = [sql, LIVE];
    const bound: (string | number)[] = [...values, seconds(this.clock)];
    if (id !== undefined) {
      conditions.push('id = ?');
      bound.push(id);
    }
    const text = `SELECT * FROM ${this.table} WHERE ${conditions.join(' AND ')}`;
    const ordered = `${text} ORDER BY pk, id LIMIT ?`;
    const rows = upToBytes(this.sqlite.iterate<Row>(ordered, ...bound, SLICE_ROWS));
    return { rows, isLast: rows.length < SLICE_ROWS && bytesOf(rows) < MAX_PAGE_BYTES };
  }

  /** The newest version of each item written after `lsn`, in the order of the writes. */
  changes(scope: Scope, lsn: number, sinceSeconds: number, limit: number): readonly Row[] {
    const { sql, values } = scopeSql(scope);
    const text = `SELECT * FROM ${this.table} WHERE lsn > ? AND ts >= ? AND ${LIVE} AND ${sql}`;
    const bound = [lsn, sinceSeconds, seconds(this.clock), ...values];
    return upToBytes(this.sqlite.iterate<Row>(`${text} ORDER BY lsn LIMIT ?`, ...bound, limit));
  }

  /** Number of the last write. */
  lsn(): number {
    const sql = 'SELECT lsn FROM containers WHERE n = ?';
    return this.sqlite.all<{ lsn: number }>(sql, this.container.n)[0]?.lsn ?? 0;
  }

  /** Deletes up to `limit` expired items; answers how many. */
  sweep(limit: number): number {
    const expired = `SELECT n FROM ${this.table} WHERE exp IS NOT NULL AND exp <= ? LIMIT ?`;
    const sql = `DELETE FROM ${this.table} WHERE n IN (${expired})`;
    return this.sqlite.run(sql, seconds(this.clock), limit);
  }

  /** The item as clients see it. */
  text(row: Row): string {
    const rid = ridOf(this.container.n, row.n);
    const self = `${this.container.self}docs/${rid}/`;
    const system = `"_rid":"${rid}","_self":"${self}","_etag":${JSON.stringify(row.etag)}`;
    return `${row.body.slice(0, -1)},${system},"_attachments":"attachments/","_ts":${row.ts}}`;
  }

  private write(pk: string, id: string, item: JsonObject): Row {
    const stored = JSON.stringify(userProperties(item));
    if (Buffer.byteLength(stored) > MAX_ITEM_BYTES) throw tooLarge(MAX_ITEM_BYTES);
    const ts = seconds(this.clock);
    const ttl = ttlOf(item);
    const exp = this.expiry(ts, ttl);
    const lsn = this.nextLsn();
    const sql = `INSERT INTO ${this.table} (pk, id, body, etag, ts, lsn, ttl, exp)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (pk, id) DO UPDATE SET body = excluded.body,
      etag = excluded.etag, ts = excluded.ts, lsn = excluded.lsn, ttl = excluded.ttl, exp = excluded.exp
      RETURNING n`;
    const etag = newEtag();
    const values = [pk, id, stored, etag, ts, lsn, ttl ?? null, exp ?? null];
    const n = this.sqlite.all<{ n: number }>(sql, ...values)[0]?.n ?? 0;
    return { n, pk, id, body: stored, etag, ts, lsn };
  }

  private expiry(ts: number, ttl: number | undefined): number | undefined {
    if (this.container.defaultTtl === undefined) return undefined;
    const effective = ttl ?? this.container.defaultTtl;
    return effective > 0 ? ts + effective : undefined;
  }

  private nextLsn(): number {
    const sql = 'UPDATE containers SET lsn = lsn + 1 WHERE n = ? RETURNING lsn';
    return this.sqlite.all<{ lsn: number }>(sql, this.container.n)[0]?.lsn ?? 0;
  }
}

/** One lower bound only: SQLite would start at the wrong one of two, and paging would be quadratic. */
function boundsOf(scope: Scope, after: Position | undefined): { sql: string; values: string[] } {
  if (after === undefined) return scopeSql(scope);
  const { pk, id } = after;
  switch (scope.kind) {
    case 'all':
      return { sql: '(pk, id) > (?, ?)', values: [pk, id] };
    case 'partition':
      return { sql: 'pk = ? AND id > ?', values: [scope.key, id] };
    case 'prefix':
      return { sql: '(pk, id) > (?, ?) AND pk < ?', values: [pk, id, scope.below] };
  }
}

/** Takes rows until the limit is passed. */
function upToBytes(rows: Iterable<Row>): Row[] {
  const taken: Row[] = [];
  let bytes = 0;
  for (const row of rows) {
    taken.push(row);
    bytes += row.body.length;
    if (bytes >= MAX_PAGE_BYTES) break;
  }
  return taken;
}

const bytesOf = (rows: readonly Row[]): number =>
  rows.reduce((sum, row) => sum + row.body.length, 0);

const LIVE = '(exp IS NULL OR exp > ?)';

/** Throws 412 when the row is not the version that the request names. */
function checkMatch(row: Row, condition: Condition): void {
  const { ifMatch, ifNoneMatch } = condition;
  const wrong = ifMatch !== undefined && ifMatch !== '*' && !sameEtag(ifMatch, row.etag);
  const unwanted = ifNoneMatch !== undefined && sameEtag(ifNoneMatch, row.etag);
  if (wrong || unwanted || ifNoneMatch === '*') throw preconditionFailed(`Item ${row.id}`);
}

export const sameEtag = (left: string, right: string): boolean =>
  left.replaceAll('"', '') === right.replaceAll('"', '');

function userProperties(item: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(item).filter(([name]) => !SYSTEM_PROPERTIES.has(name)));
}

function ttlOf(item: JsonObject): number | undefined {
  const ttl = item['ttl'];
  if (ttl === undefined || ttl === null) return undefined;
  if (typeof ttl === 'number' && Number.isInteger(ttl) && (ttl === -1 || ttl > 0)) return ttl;
  throw badRequest(`ttl is -1 or whole seconds above 0, not ${JSON.stringify(ttl)}.`);
}
