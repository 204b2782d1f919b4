import type { JsonObject } from '../json.ts';
import type { Sqlite } from '../sqlite.ts';
import type { Container } from './catalog.ts';
import { newEtag, resourceId, seconds } from './catalog.ts';
import { badRequest, conflict, preconditionFailed, tooLarge } from './errors.ts';
import type { ItemIndexes } from './item-index/item-indexes.ts';
import { ItemReader } from './item-reader.ts';
import type { StoredItem } from './item-reader.ts';
import { checkNesting } from './nesting.ts';

/** The service's limit of one item. */
export const MAX_ITEM_BYTES = 2 * 1024 * 1024;
const SYSTEM_PROPERTIES = new Set(['_rid', '_self', '_etag', '_attachments', '_ts', '_lsn']);

/** ETags of a conditional request. */
export interface Condition {
  readonly ifMatch?: string | undefined;
  readonly ifNoneMatch?: string | undefined;
}

/** Reads and writes the items of one container. */
export class Items extends ItemReader {
  private readonly indexes: ItemIndexes;

  constructor(sqlite: Sqlite, container: Container, clock: () => number, indexes: ItemIndexes) {
    super(sqlite, container, clock);
    this.indexes = indexes;
  }

  create(pk: string, item: JsonObject): StoredItem {
    return this.sqlite.transact(() => {
      const id = resourceId(item['id']);
      if (this.find(pk, id) !== undefined) throw conflict(`Item ${id} in partition ${pk}`);
      return this.write(pk, id, item);
    });
  }

  replace(pk: string, id: string, item: JsonObject, condition: Condition): StoredItem {
    return this.sqlite.transact(() => {
      const old = this.read(pk, id);
      checkMatch(old, condition);
      if (item['id'] !== id) throw badRequest(`The item's id must be ${id}.`);
      return this.write(pk, id, item, old);
    });
  }

  upsert(
    pk: string,
    item: JsonObject,
    condition: Condition,
  ): { readonly row: StoredItem; readonly created: boolean } {
    return this.sqlite.transact(() => {
      const id = resourceId(item['id']);
      const old = this.find(pk, id);
      // As on Azure: a condition on an upsert is looked at only when there is something to replace.
      if (old !== undefined) checkMatch(old, condition);
      return { row: this.write(pk, id, item, old), created: old === undefined };
    });
  }

  remove(pk: string, id: string, condition: Condition): void {
    this.sqlite.transact(() => {
      const old = this.read(pk, id);
      checkMatch(old, condition);
      this.nextLsn();
      this.erase(old);
    });
  }

  /** Deletes up to `limit` items of a partition; answers how many. */
  removePartition(pk: string, limit: number): number {
    return this.sqlite.transact(() => {
      const { rows } = this.some('pk = ?', pk, limit);
      if (rows.length > 0) this.nextLsn();
      for (const row of rows) this.erase(row);
      return rows.length;
    });
  }

  /** Deletes up to `limit` expired items. */
  sweep(limit: number): void {
    const { rows } = this.some('exp IS NOT NULL AND exp <= ?', seconds(this.clock), limit);
    if (rows.length > 0) this.sqlite.transact(() => rows.forEach((row) => this.erase(row)));
  }

  private write(pk: string, id: string, item: JsonObject, known?: StoredItem): StoredItem {
    const stored = JSON.stringify(userProperties(item));
    if (Buffer.byteLength(stored) > MAX_ITEM_BYTES) throw tooLarge(MAX_ITEM_BYTES);
    checkNesting(stored);
    // One that has ended, but is not yet swept, gives its place to the new one.
    const ended = known === undefined ? this.ended(pk, id) : undefined;
    const ts = seconds(this.clock);
    const ttl = ttlOf(item);
    const exp = this.expiry(ts, ttl) ?? null;
    const lsn = this.nextLsn();
    const sql = `INSERT INTO ${this.table} (pk, id, body, etag, ts, lsn, ttl, exp)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (pk, id) DO UPDATE SET body = excluded.body,
      etag = excluded.etag, ts = excluded.ts, lsn = excluded.lsn, ttl = excluded.ttl, exp = excluded.exp
      RETURNING n`;
    const etag = newEtag();
    const values = [pk, id, stored, etag, ts, lsn, ttl ?? null, exp];
    const n = this.sqlite.all<{ n: number }>(sql, ...values)[0]?.n ?? 0;
    const row: StoredItem = { n, pk, id, body: stored, etag, ts, lsn, exp };
    if (this.indexes.has(this.container.n)) this.index(row, known ?? ended);
    return row;
  }

  private index(row: StoredItem, before: StoredItem | undefined): void {
    const old = before === undefined ? undefined : this.indexed(before);
    this.indexes.update(this.container.n, old, this.indexed(row));
  }

  private ended(pk: string, id: string): StoredItem | undefined {
    if (!this.indexes.has(this.container.n)) return undefined;
    const sql = `SELECT * FROM ${this.table} WHERE pk = ? AND id = ?`;
    return this.sqlite.all<StoredItem>(sql, pk, id)[0];
  }

  private erase(row: StoredItem): void {
    this.sqlite.run(`DELETE FROM ${this.table} WHERE n = ?`, row.n);
    if (this.indexes.has(this.container.n)) {
      this.indexes.remove(this.container.n, this.indexed(row));
    }
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

/** Throws 412 when the row is not the version that the request names. */
function checkMatch(row: StoredItem, condition: Condition): void {
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
