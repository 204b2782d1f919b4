import type { DatabaseOptions } from '../folder/database.ts';
import type { JsonObject } from '../json.ts';
import { Sqlite } from '../sqlite.ts';

/** A resource as it was last put; what an operation in progress shows is computed on top of it. */
export interface Resource {
  /** As first written, with its upper-case letters. */
  readonly id: string;
  readonly type: string;
  readonly body: JsonObject;
  /** Instances of a deployment that serve; 0 for anything else. */
  readonly ready: number;
}

export interface OperationError {
  readonly code: string;
  readonly message: string;
}

export type OperationKind = 'Creating' | 'Updating' | 'Scaling' | 'Deleting';

/** A long-running operation. Its state follows from the instants, so that it goes on over a restart. */
export interface Operation {
  readonly id: string;
  readonly kind: OperationKind;
  readonly endpointId: string;
  /** What it changes: the endpoint or one of its deployments. */
  readonly resourceId: string;
  readonly startedMs: number;
  readonly endsMs: number;
  readonly from: number;
  readonly to: number;
  /** The body that the resource has once the operation succeeds. */
  readonly body: JsonObject | undefined;
  /** How it ends; undefined: well. */
  readonly error: OperationError | undefined;
  /** Its time has passed and its effect is there. */
  readonly isSettled: boolean;
}

const schema = `
CREATE TABLE IF NOT EXISTS resources (
  key TEXT PRIMARY KEY, id TEXT NOT NULL, type TEXT NOT NULL, body TEXT NOT NULL, ready INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS operations (
  id TEXT PRIMARY KEY, kind TEXT NOT NULL, endpoint TEXT NOT NULL, resource TEXT NOT NULL,
  started_ms INTEGER NOT NULL, ends_ms INTEGER NOT NULL, capacity_from INTEGER NOT NULL,
  capacity_to INTEGER NOT NULL, body TEXT, error TEXT, settled INTEGER NOT NULL DEFAULT 0);
CREATE INDEX IF NOT EXISTS operations_open ON operations (ends_ms) WHERE settled = 0;
CREATE INDEX IF NOT EXISTS operations_endpoint ON operations (endpoint) WHERE settled = 0;`;

/** Finished operations older than this are forgotten. */
const OPERATION_RETENTION_MS = 24 * 60 * 60 * 1000;

interface ResourceRow {
  id: string;
  type: string;
  body: string;
  ready: number;
}

interface OperationRow {
  id: string;
  kind: OperationKind;
  endpoint: string;
  resource: string;
  started_ms: number;
  ends_ms: number;
  capacity_from: number;
  capacity_to: number;
  body: string | null;
  error: string | null;
  settled: number;
}

/** Resources by id, whatever its case, and operations. */
export class ArmStore {
  private readonly sqlite: Sqlite;

  constructor(file: string, options: DatabaseOptions = {}) {
    this.sqlite = new Sqlite(file, schema, options);
  }

  find(id: string): Resource | undefined {
    const sql = 'SELECT * FROM resources WHERE key = ?';
    const row = this.sqlite.all<ResourceRow>(sql, id.toLowerCase())[0];
    return row === undefined ? undefined : toResource(row);
  }

  /** Resources of the type whose id begins with the prefix. */
  list(prefix: string, type: string): readonly Resource[] {
    const sql = 'SELECT * FROM resources WHERE type = ? AND key >= ? AND key < ? ORDER BY key';
    const from = prefix.toLowerCase();
    return this.sqlite.all<ResourceRow>(sql, type, from, `${from}\u{10ffff}`).map(toResource);
  }

  put(resource: Resource): void {
    const sql = `INSERT INTO resources (key, id, type, body, ready) VALUES (?, ?, ?, ?, ?)
      ON CONFLICT (key) DO UPDATE SET body = excluded.body, ready = excluded.ready`;
    const { id, type, body, ready } = resource;
    this.sqlite.run(sql, id.toLowerCase(), id, type, JSON.stringify(body), ready);
  }

  /** Removes the resource with all below it. */
  remove(id: string): void {
    const key = id.toLowerCase();
    const sql = 'DELETE FROM resources WHERE key = ? OR (key >= ? AND key < ?)';
    this.sqlite.run(sql, key, `${key}/`, `${key}/\u{10ffff}`);
  }

  operation(id: string): Operation | undefined {
    const row = this.sqlite.all<OperationRow>('SELECT * FROM operations WHERE id = ?', id)[0];
    return row === undefined ? undefined : toOperation(row);
  }

  /** The operation that keeps the endpoint busy. */
  openOperation(endpointId: string): Operation | undefined {
    const sql = 'SELECT * FROM operations WHERE settled = 0 AND endpoint = ?';
    const row = this.sqlite.all<OperationRow>(sql, endpointId.toLowerCase())[0];
    return row === undefined ? undefined : toOperation(row);
  }

  dueOperations(now: number): readonly Operation[] {
    const sql = 'SELECT * FROM operations WHERE settled = 0 AND ends_ms <= ? ORDER BY ends_ms';
    return this.sqlite.all<OperationRow>(sql, now).map(toOperation);
  }

  addOperation(operation: Operation): void {
    const sql = `INSERT INTO operations (id, kind, endpoint, resource, started_ms, ends_ms,
      capacity_from, capacity_to, body, error) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`;
    const { id, kind, endpointId, resourceId, startedMs, endsMs, from, to } = operation;
    const [endpoint, resource] = [endpointId.toLowerCase(), resourceId.toLowerCase()];
    const texts = [textOf(operation.body), textOf(operation.error)];
    this.sqlite.run(sql, id, kind, endpoint, resource, startedMs, endsMs, from, to, ...texts);
  }

  settle(id: string, now: number): void {
    this.sqlite.run('UPDATE operations SET settled = 1 WHERE id = ?', id);
    const sql = 'DELETE FROM operations WHERE settled = 1 AND ends_ms < ?';
    this.sqlite.run(sql, now - OPERATION_RETENTION_MS);
  }

  transact<T>(work: () => T): T {
    return this.sqlite.transact(work);
  }

  close(): void {
    this.sqlite.close();
  }
}

const textOf = (value: object | undefined): string | null =>
  value === undefined ? null : JSON.stringify(value);

function toResource(row: ResourceRow): Resource {
  const { id, type, ready } = row;
  return { id, type, ready, body: JSON.parse(row.body) as JsonObject };
}

function toOperation(row: OperationRow): Operation {
  return {
    id: row.id,
    kind: row.kind,
    endpointId: row.endpoint,
    resourceId: row.resource,
    startedMs: row.started_ms,
    endsMs: row.ends_ms,
    from: row.capacity_from,
    to: row.capacity_to,
    body: row.body === null ? undefined : (JSON.parse(row.body) as JsonObject),
    error: row.error === null ? undefined : (JSON.parse(row.error) as OperationError),
    isSettled: row.settled === 1,
  };
}
