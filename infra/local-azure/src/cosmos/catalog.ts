import { randomUUID } from 'node:crypto';
import type { JsonObject } from '../json.ts';
import { isObject } from '../json.ts';
import type { Sqlite } from '../sqlite.ts';
import { badRequest, conflict, containerGone, notFound } from './errors.ts';
import { declaredIndexes } from './item-index/declared.ts';
import type { ItemIndexes } from './item-index/item-indexes.ts';
import type { KeyPaths } from './partition-key.ts';
import { parseKeyPaths } from './partition-key.ts';

export const schema = `
CREATE TABLE IF NOT EXISTS databases (
  n INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, etag TEXT NOT NULL, ts INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS containers (
  n INTEGER PRIMARY KEY AUTOINCREMENT, database INTEGER NOT NULL, id TEXT NOT NULL, body TEXT NOT NULL,
  etag TEXT NOT NULL, ts INTEGER NOT NULL, lsn INTEGER NOT NULL DEFAULT 0, UNIQUE (database, id));`;

const MAX_ID_LENGTH = 255;

export interface Database {
  readonly n: number;
  readonly id: string;
  readonly rid: string;
  readonly etag: string;
  readonly ts: number;
}

export interface Container {
  readonly n: number;
  readonly id: string;
  readonly rid: string;
  readonly self: string;
  readonly etag: string;
  readonly ts: number;
  readonly definition: JsonObject;
  readonly keyPaths: KeyPaths;
  /** Seconds; -1: only items with a `ttl` of their own expire; undefined: none does. */
  readonly defaultTtl: number | undefined;
}

interface ContainerRow {
  n: number;
  database: number;
  id: string;
  body: string;
  etag: string;
  ts: number;
}

/** Databases and containers: few, kept in memory, written through. */
export class Catalog {
  private readonly sqlite: Sqlite;
  private readonly clock: () => number;
  private readonly indexes: ItemIndexes;
  private readonly databases = new Map<string, Database>();
  private readonly containers = new Map<string, Container>();

  constructor(sqlite: Sqlite, clock: () => number, indexes: ItemIndexes) {
    this.sqlite = sqlite;
    this.clock = clock;
    this.indexes = indexes;
    this.load();
  }

  listDatabases(): readonly Database[] {
    return [...this.databases.values()];
  }

  database(id: string): Database {
    const found = this.databases.get(id);
    if (found === undefined) throw notFound(`Database ${id}`);
    return found;
  }

  createDatabase(body: JsonObject): Database {
    const id = resourceId(body['id']);
    if (this.databases.has(id)) throw conflict(`Database ${id}`);
    const sql = 'INSERT INTO databases (id, etag, ts) VALUES (?, ?, ?)';
    this.sqlite.run(sql, id, newEtag(), seconds(this.clock));
    this.load();
    return this.database(id);
  }

  deleteDatabase(id: string): void {
    const database = this.database(id);
    this.dropping(() => {
      for (const container of this.listContainers(id)) this.dropContainer(container);
      this.sqlite.run('DELETE FROM databases WHERE n = ?', database.n);
    });
  }

  listContainers(databaseId: string): readonly Container[] {
    const prefix = `${this.database(databaseId).id}/`;
    const found = [...this.containers].filter(([path]) => path.startsWith(prefix));
    return found.map(([, container]) => container);
  }

  allContainers(): Iterable<Container> {
    return this.containers.values();
  }

  /** Whether it is there still; one made anew under the same name is another one. */
  holds({ n }: Container): boolean {
    return [...this.containers.values()].some((each) => each.n === n);
  }

  container(databaseId: string, id: string): Container {
    const found = this.containers.get(`${databaseId}/${id}`);
    if (found !== undefined) return found;
    throw containerGone(`${databaseId}/${id}`);
  }

  createContainer(databaseId: string, body: JsonObject): Container {
    const database = this.database(databaseId);
    const id = resourceId(body['id']);
    const path = `${databaseId}/${id}`;
    if (this.containers.has(path)) throw conflict(`Container ${path}`);
    checkDefinition(body);
    this.sqlite.transact(() => {
      const sql = 'INSERT INTO containers (database, id, body, etag, ts) VALUES (?, ?, ?, ?, ?)';
      const text = JSON.stringify(definitionOf(body));
      this.sqlite.run(sql, database.n, id, text, newEtag(), seconds(this.clock));
      const row = this.sqlite.all<{ n: number }>('SELECT max(n) AS n FROM containers')[0];
      this.sqlite.exec(itemTable(row?.n ?? 0));
    });
    this.load();
    return this.withIndexes(this.container(databaseId, id));
  }

  /** Only what may change on Azure changes: the partition key stays. */
  replaceContainer(databaseId: string, id: string, body: JsonObject): Container {
    const old = this.container(databaseId, id);
    if (body['id'] !== id) throw badRequest(`The id of container ${id} cannot be changed.`);
    checkDefinition(body);
    if (JSON.stringify(parseKeyPaths(body['partitionKey'])) !== JSON.stringify(old.keyPaths)) {
      throw badRequest(`The partition key of ${databaseId}/${id} cannot be changed.`);
    }
    const sql = 'UPDATE containers SET body = ?, etag = ?, ts = ? WHERE n = ?';
    const text = JSON.stringify(definitionOf(body));
    this.sqlite.transact(() => {
      this.sqlite.run(sql, text, newEtag(), seconds(this.clock), old.n);
      this.sqlite.run(expiryUpdate(old.n), ttlOf(body) ?? null);
    });
    this.load();
    return this.withIndexes(this.container(databaseId, id));
  }

  deleteContainer(databaseId: string, id: string): void {
    const container = this.container(databaseId, id);
    this.dropping(() => this.dropContainer(container));
  }

  /** What is in memory follows only what was committed: a write must keep up every index that is left. */
  private dropping(work: () => void): void {
    this.sqlite.transact(work);
    this.indexes.load();
    this.load();
  }

  private withIndexes(container: Container): Container {
    const { n, definition, keyPaths } = container;
    for (const components of declaredIndexes(definition, keyPaths)) {
      this.indexes.request(n, components);
    }
    return container;
  }

  private dropContainer(container: Container): void {
    this.indexes.drop(container.n);
    this.sqlite.exec(`DROP TABLE items_${container.n}`);
    this.sqlite.run('DELETE FROM containers WHERE n = ?', container.n);
  }

  private load(): void {
    this.databases.clear();
    this.containers.clear();
    const names = new Map<number, Database>();
    for (const row of this.sqlite.all<Database>('SELECT * FROM databases ORDER BY n')) {
      const database = { ...row, rid: ridOf(row.n) };
      this.databases.set(row.id, database);
      names.set(row.n, database);
    }
    for (const row of this.sqlite.all<ContainerRow>('SELECT * FROM containers ORDER BY n')) {
      const database = names.get(row.database);
      if (database === undefined) continue;
      this.containers.set(`${database.id}/${row.id}`, toContainer(row, database));
    }
  }
}

/** Base64 of the numbers, as the service makes its resource ids. */
export function ridOf(...numbers: number[]): string {
  const bytes = Buffer.alloc(4 * numbers.length);
  numbers.forEach((number, index) => bytes.writeUInt32BE(number, 4 * index));
  return bytes.toString('base64').replaceAll('/', '-');
}

export const newEtag = (): string => `"${randomUUID()}"`;

export const seconds = (clock: () => number): number => Math.floor(clock() / 1000);

/** An id as the service takes them: text without the characters that a path gives a meaning to. */
export function resourceId(value: unknown): string {
  const fits = typeof value === 'string' && value.length > 0 && value.length <= MAX_ID_LENGTH;
  if (fits && !/[/\\?#]/.test(value)) return value;
  const message = `id must be text of 1 to ${MAX_ID_LENGTH} characters without / \\ ? #`;
  throw badRequest(`${message}, got ${value === undefined ? 'none' : JSON.stringify(value)}.`);
}

function itemTable(n: number): string {
  return `
CREATE TABLE items_${n} (n INTEGER PRIMARY KEY AUTOINCREMENT, pk TEXT NOT NULL, id TEXT NOT NULL,
  body TEXT NOT NULL, etag TEXT NOT NULL, ts INTEGER NOT NULL, lsn INTEGER NOT NULL, ttl INTEGER, exp INTEGER);
CREATE UNIQUE INDEX items_${n}_key ON items_${n} (pk, id);
CREATE UNIQUE INDEX items_${n}_lsn ON items_${n} (lsn);
CREATE INDEX items_${n}_exp ON items_${n} (exp) WHERE exp IS NOT NULL;`;
}

/** One parameter, the default; without a default nothing expires. */
const expiryUpdate = (n: number): string =>
  `WITH d AS (SELECT ? AS ttl) UPDATE items_${n} SET exp = CASE WHEN (SELECT ttl FROM d) IS NOT NULL
   AND coalesce(ttl, (SELECT ttl FROM d)) > 0 THEN ts + coalesce(ttl, (SELECT ttl FROM d)) END`;

function toContainer(row: ContainerRow, database: Database): Container {
  const definition = JSON.parse(row.body) as JsonObject;
  const rid = ridOf(database.n, row.n);
  return {
    n: row.n,
    id: row.id,
    rid,
    self: `dbs/${database.rid}/colls/${rid}/`,
    etag: row.etag,
    ts: row.ts,
    definition,
    keyPaths: parseKeyPaths(definition['partitionKey']),
    defaultTtl: ttlOf(definition),
  };
}

function checkDefinition(body: JsonObject): void {
  declaredIndexes(body, parseKeyPaths(body['partitionKey']));
  const unique = body['uniqueKeyPolicy'];
  if (isObject(unique) && JSON.stringify(unique['uniqueKeys'] ?? []) !== '[]') {
    throw badRequest('uniqueKeyPolicy is not supported by the embedded Cosmos DB: use the id.');
  }
  const ttl: unknown = body['defaultTtl'];
  if (ttl === undefined || ttl === null) return;
  if (Number.isInteger(ttl) && (ttl === -1 || (ttl as number) > 0)) return;
  throw badRequest(`defaultTtl is -1 or whole seconds above 0, not ${JSON.stringify(ttl)}.`);
}

function definitionOf(body: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(body).filter(([name]) => !name.startsWith('_')));
}

function ttlOf(definition: JsonObject): number | undefined {
  const ttl = isObject(definition) ? definition['defaultTtl'] : undefined;
  return typeof ttl === 'number' ? ttl : undefined;
}
