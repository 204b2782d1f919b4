import type { JsonObject } from '../json.ts';
import type { Sqlite } from '../sqlite.ts';
import type { Container } from './catalog.ts';
import { ridOf, seconds } from './catalog.ts';
import { notFound } from './errors.ts';
import type { IndexedItem, IndexedSlice, ItemIndex } from './item-index/item-indexes.ts';
import type { KeyRange } from './item-index/key-range.ts';
import type { Scope } from './partition-key.ts';
import { scopeSql } from './partition-key.ts';

/** The service's limit of one answer; the item that passes it is its last. */
export const MAX_PAGE_BYTES = 4 * 1024 * 1024;
/** Rows that a scan looks at before other requests get their turn. */
const SLICE_ROWS = 500;

/** A stored item; `body` is its JSON without system properties. */
export interface StoredItem {
  readonly n: number;
  readonly pk: string;
  readonly id: string;
  readonly body: string;
  readonly etag: string;
  /** Seconds since 1970. */
  readonly ts: number;
  /** Counts the container's writes. */
  readonly lsn: number;
  /** Seconds since 1970 at which it ends; null: it does not. */
  readonly exp: number | null;
}

/** With its key in the index that it was found by. */
export interface KeyedItem extends StoredItem {
  readonly key: Uint8Array;
}

/** Where a scan goes on: after this key and id. */
export interface Position {
  readonly pk: string;
  readonly id: string;
}

export interface Slice<Item extends StoredItem = StoredItem> {
  readonly rows: readonly Item[];
  /** Nothing comes behind it. */
  readonly isLast: boolean;
}

/** Reads the items of one container. Expired ones do not exist, swept or not. */
export class ItemReader {
  protected readonly sqlite: Sqlite;
  protected readonly container: Container;
  protected readonly clock: () => number;
  protected readonly table: string;

  constructor(sqlite: Sqlite, container: Container, clock: () => number) {
    this.sqlite = sqlite;
    this.container = container;
    this.clock = clock;
    this.table = `items_${container.n}`;
  }

  find(pk: string, id: string): StoredItem | undefined {
    const sql = `SELECT * FROM ${this.table} WHERE pk = ? AND id = ? AND ${LIVE}`;
    return this.sqlite.all<StoredItem>(sql, pk, id, seconds(this.clock))[0];
  }

  read(pk: string, id: string): StoredItem {
    const row = this.find(pk, id);
    if (row === undefined) throw notFound(`Item ${id} in partition ${pk}`);
    return row;
  }

  /** By its number. */
  findNumber(n: number): StoredItem | undefined {
    const sql = `SELECT * FROM ${this.table} WHERE n = ? AND ${LIVE}`;
    return this.sqlite.all<StoredItem>(sql, n, seconds(this.clock))[0];
  }

  count(scope: Scope): number {
    const { sql, values } = scopeSql(scope);
    const text = `SELECT count(*) AS count FROM ${this.table} WHERE ${sql}`;
    const all = this.sqlite.all<{ count: number }>(text, ...values)[0]?.count ?? 0;
    const expired = `${text} AND exp IS NOT NULL AND exp <= ?`;
    const now = seconds(this.clock);
    return all - (this.sqlite.all<{ count: number }>(expired, ...values, now)[0]?.count ?? 0);
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
    return sliceOf(this.sqlite.iterate<StoredItem>(ordered, ...bound, SLICE_ROWS), SLICE_ROWS);
  }

  /**
   * A slice in the order of an index, or against it, behind `after`. The rows that have expired are
   * among them, since a slice that leaves rows out says nothing about where it ended.
   */
  indexSlice(
    index: ItemIndex,
    range: KeyRange,
    after: Uint8Array | undefined,
    backwards: boolean,
    most: number,
  ): Slice<KeyedItem> {
    const { sql, values } = keyBounds(range, after, backwards);
    const limit = Math.min(most, SLICE_ROWS);
    const text = `SELECT i.key AS key, t.* FROM index_${index.m} i CROSS JOIN ${this.table} t
      ON t.n = i.n WHERE ${sql} ORDER BY i.key ${backwards ? 'DESC' : 'ASC'} LIMIT ?`;
    return sliceOf(this.sqlite.iterate<KeyedItem>(text, ...values, limit), limit);
  }

  isLive({ exp }: StoredItem): boolean {
    return exp === null || exp > seconds(this.clock);
  }

  /** The newest version of each item written after `lsn`, in the order of the writes. */
  changes(scope: Scope, lsn: number, sinceSeconds: number, limit: number): readonly StoredItem[] {
    const { sql, values } = scopeSql(scope);
    const text = `SELECT * FROM ${this.table} WHERE lsn > ? AND ts >= ? AND ${LIVE} AND ${sql}`;
    const bound = [lsn, sinceSeconds, seconds(this.clock), ...values];
    const rows = this.sqlite.iterate<StoredItem>(`${text} ORDER BY lsn LIMIT ?`, ...bound, limit);
    return sliceOf(rows, limit).rows;
  }

  /** Items behind a number, for an index that is being built; expired ones as well. */
  numbered(after: number, limit: number): IndexedSlice {
    const { rows, isLast } = this.some('n > ? ORDER BY n', after, limit);
    return { items: rows.map((row) => this.indexed(row)), isLast };
  }

  /** Number of the last write. */
  lsn(): number {
    const sql = 'SELECT lsn FROM containers WHERE n = ?';
    return this.sqlite.all<{ lsn: number }>(sql, this.container.n)[0]?.lsn ?? 0;
  }

  /** The item as clients see it. */
  text(row: StoredItem): string {
    const rid = ridOf(this.container.n, row.n);
    const self = `${this.container.self}docs/${rid}/`;
    const system = `"_rid":"${rid}","_self":"${self}","_etag":${JSON.stringify(row.etag)}`;
    return `${row.body.slice(0, -1)},${system},"_attachments":"attachments/","_ts":${row.ts}}`;
  }

  /** Up to `limit` rows, and not above what one turn may hold in memory. */
  protected some(condition: string, value: string | number, limit: number): Slice {
    const sql = `SELECT * FROM ${this.table} WHERE ${condition} LIMIT ?`;
    return sliceOf(this.sqlite.iterate<StoredItem>(sql, value, limit), limit);
  }

  protected indexed(row: StoredItem): IndexedItem {
    return { n: row.n, document: JSON.parse(this.text(row)) as JsonObject };
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

/** One bound on each side: the place to go on takes the place of the range's own. */
function keyBounds(
  { from, below }: KeyRange,
  after: Uint8Array | undefined,
  backwards: boolean,
): { sql: string; values: Uint8Array[] } {
  const isBehind = after !== undefined && Buffer.compare(after, from) >= 0;
  const lower = backwards || !isBehind ? from : after;
  const sql = [lower === from ? 'i.key >= ?' : 'i.key > ?'];
  const values = [lower];
  const isBefore = after !== undefined && (below === undefined || Buffer.compare(after, below) < 0);
  const upper = backwards && isBefore ? after : below;
  if (upper !== undefined) {
    sql.push('i.key < ?');
    values.push(upper);
  }
  return { sql: sql.join(' AND '), values };
}

/** Takes rows until they are too many bytes. */
function sliceOf<Item extends StoredItem>(rows: Iterable<Item>, limit: number): Slice<Item> {
  const taken: Item[] = [];
  let bytes = 0;
  for (const row of rows) {
    taken.push(row);
    bytes += row.body.length;
    if (bytes >= MAX_PAGE_BYTES) break;
  }
  return { rows: taken, isLast: taken.length < limit && bytes < MAX_PAGE_BYTES };
}

const LIVE = '(exp IS NULL OR exp > ?)';
