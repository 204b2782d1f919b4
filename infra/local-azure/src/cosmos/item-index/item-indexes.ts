import type { JsonObject } from '../../json.ts';
import type { Sqlite } from '../../sqlite.ts';
import { component, encodeNumbered } from './index-key.ts';
import type { Component } from './index-key.ts';

export const indexSchema = `
CREATE TABLE IF NOT EXISTS indexes (
  m INTEGER PRIMARY KEY AUTOINCREMENT, container INTEGER NOT NULL, components TEXT NOT NULL,
  built INTEGER, UNIQUE (container, components));`;

/** Of one container; a query that finds no place for another goes without. */
const MAX_INDEXES = 16;
/** Items that one turn of the building looks at. */
const BUILD_ROWS = 400;

/**
 * Keys of the items in an order of their own, in a table of their own. The bytes decide the order, not
 * SQLite's idea of JSON, so that an index gives exactly what sorting all items would give.
 */
export interface ItemIndex {
  readonly m: number;
  readonly components: readonly Component[];
  /** Items up to this number are in it; undefined once all are. */
  readonly built: number | undefined;
}

/** An item as indexes see it. */
export interface IndexedItem {
  readonly n: number;
  readonly document: JsonObject;
}

export interface IndexedSlice {
  readonly items: readonly IndexedItem[];
  /** Nothing comes behind it. */
  readonly isLast: boolean;
}

/**
 * The indexes of all containers. A new one is built in turns, from the oldest item on: a write keeps up
 * what was built before it, and what comes later is found by the building.
 */
export class ItemIndexes {
  private readonly sqlite: Sqlite;
  private readonly byContainer = new Map<number, readonly ItemIndex[]>();

  constructor(sqlite: Sqlite) {
    this.sqlite = sqlite;
    sqlite.exec(indexSchema);
    this.load();
  }

  /** Those that hold every item. */
  complete(container: number): readonly ItemIndex[] {
    return this.all(container).filter((index) => index.built === undefined);
  }

  has(container: number): boolean {
    return this.all(container).length > 0;
  }

  /** Begins an index, unless there is such a one or no place for it. */
  request(container: number, components: readonly Component[]): void {
    const known = this.all(container);
    const text = JSON.stringify(components);
    if (components.length === 0 || known.length >= MAX_INDEXES) return;
    if (known.some((index) => JSON.stringify(index.components) === text)) return;
    this.sqlite.transact(() => {
      const sql = 'INSERT INTO indexes (container, components, built) VALUES (?, ?, 0) RETURNING m';
      const m = this.sqlite.all<{ m: number }>(sql, container, text)[0]?.m ?? 0;
      this.sqlite.exec(`CREATE TABLE index_${m} (key BLOB PRIMARY KEY, n INTEGER) WITHOUT ROWID`);
    });
    this.load();
  }

  /** An item was written; `before` is what it was. */
  update(container: number, before: IndexedItem | undefined, after: IndexedItem): void {
    for (const index of this.reaching(container, after.n)) {
      const key = keyIn(index, after);
      const old = before === undefined ? undefined : keyIn(index, before);
      if (old?.equals(key) === true) continue;
      if (old !== undefined) this.delete(index, old);
      this.insert(index, key, after.n);
    }
  }

  remove(container: number, item: IndexedItem): void {
    for (const index of this.reaching(container, item.n)) this.delete(index, keyIn(index, item));
  }

  /** In the transaction of the container's end: `load` says afterwards what came of it. */
  drop(container: number): void {
    for (const { m } of this.all(container)) this.sqlite.exec(`DROP TABLE index_${m}`);
    this.sqlite.run('DELETE FROM indexes WHERE container = ?', container);
  }

  /** Container with an index that is being built, if any. */
  unfinished(): number | undefined {
    for (const [container, list] of this.byContainer) {
      if (list.some((index) => index.built !== undefined)) return container;
    }
    return undefined;
  }

  /** One turn: `read` gives items behind a number in their order. */
  build(container: number, read: (after: number, limit: number) => IndexedSlice): void {
    const index = this.all(container).find((each) => each.built !== undefined);
    if (index?.built === undefined) return;
    const { items, isLast } = read(index.built, BUILD_ROWS);
    const built = isLast ? null : (items.at(-1)?.n ?? null);
    this.sqlite.transact(() => {
      for (const item of items) this.insert(index, keyIn(index, item), item.n);
      this.sqlite.run('UPDATE indexes SET built = ? WHERE m = ?', built, index.m);
    });
    this.load();
  }

  private all(container: number): readonly ItemIndex[] {
    return this.byContainer.get(container) ?? [];
  }

  private reaching(container: number, n: number): readonly ItemIndex[] {
    return this.all(container).filter(({ built }) => built === undefined || n <= built);
  }

  private insert(index: ItemIndex, key: Buffer, n: number): void {
    this.sqlite.run(`INSERT OR REPLACE INTO index_${index.m} (key, n) VALUES (?, ?)`, key, n);
  }

  private delete(index: ItemIndex, key: Buffer): void {
    this.sqlite.run(`DELETE FROM index_${index.m} WHERE key = ?`, key);
  }

  /** From the data file. */
  load(): void {
    this.byContainer.clear();
    const rows = this.sqlite.all<IndexRow>('SELECT * FROM indexes ORDER BY m');
    for (const { m, container, components, built } of rows) {
      const list = (JSON.parse(components) as unknown[]).map(component);
      const index: ItemIndex = { m, components: list, built: built ?? undefined };
      this.byContainer.set(container, [...this.all(container), index]);
    }
  }
}

interface IndexRow {
  readonly m: number;
  readonly container: number;
  readonly components: string;
  readonly built: number | null;
}

const keyIn = (index: ItemIndex, { n, document }: IndexedItem): Buffer =>
  encodeNumbered(index.components, document, n);
