import type { JsonObject } from '../json.ts';
import type { Sqlite } from '../sqlite.ts';

export interface OperationError {
  readonly code: string;
  readonly message: string;
}

export type OperationKind = 'Creating' | 'Updating' | 'Scaling' | 'Deleting';

/** A long-running operation. Its state follows from the instants, so that it goes on over a restart. */
export interface Operation {
  readonly id: string;
  readonly kind: OperationKind;
  /** What takes one operation at a time: an online endpoint, an account. */
  readonly scopeId: string;
  /** What it changes: the scope or one of the deployments in it. */
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

// The column of the scope has the name of the first kind of scope there was.
const schema = `
CREATE TABLE IF NOT EXISTS operations (
  id TEXT PRIMARY KEY, kind TEXT NOT NULL, endpoint TEXT NOT NULL, resource TEXT NOT NULL,
  started_ms INTEGER NOT NULL, ends_ms INTEGER NOT NULL, capacity_from INTEGER NOT NULL,
  capacity_to INTEGER NOT NULL, body TEXT, error TEXT, settled INTEGER NOT NULL DEFAULT 0);
CREATE INDEX IF NOT EXISTS operations_open ON operations (ends_ms) WHERE settled = 0;
CREATE INDEX IF NOT EXISTS operations_endpoint ON operations (endpoint) WHERE settled = 0;`;

/** Finished operations older than this are forgotten. */
const OPERATION_RETENTION_MS = 24 * 60 * 60 * 1000;

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

export class OperationStore {
  private readonly sqlite: Sqlite;

  constructor(sqlite: Sqlite) {
    this.sqlite = sqlite;
    sqlite.exec(schema);
  }

  find(id: string): Operation | undefined {
    const row = this.sqlite.all<OperationRow>('SELECT * FROM operations WHERE id = ?', id)[0];
    return row === undefined ? undefined : toOperation(row);
  }

  /** The operation that keeps the scope busy. */
  open(scopeId: string): Operation | undefined {
    const sql = 'SELECT * FROM operations WHERE settled = 0 AND endpoint = ?';
    const row = this.sqlite.all<OperationRow>(sql, scopeId.toLowerCase())[0];
    return row === undefined ? undefined : toOperation(row);
  }

  /** Open operations of scopes whose id begins with the prefix. */
  openBelow(prefix: string): readonly Operation[] {
    const sql = 'SELECT * FROM operations WHERE settled = 0 AND endpoint >= ? AND endpoint < ?';
    const from = prefix.toLowerCase();
    return this.sqlite.all<OperationRow>(sql, from, `${from}\u{10ffff}`).map(toOperation);
  }

  due(now: number): readonly Operation[] {
    const sql = 'SELECT * FROM operations WHERE settled = 0 AND ends_ms <= ? ORDER BY ends_ms';
    return this.sqlite.all<OperationRow>(sql, now).map(toOperation);
  }

  add(operation: Operation): void {
    const sql = `INSERT INTO operations (id, kind, endpoint, resource, started_ms, ends_ms,
      capacity_from, capacity_to, body, error) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`;
    const { id, kind, scopeId, resourceId, startedMs, endsMs, from, to } = operation;
    const [scope, resource] = [scopeId.toLowerCase(), resourceId.toLowerCase()];
    const texts = [textOf(operation.body), textOf(operation.error)];
    this.sqlite.run(sql, id, kind, scope, resource, startedMs, endsMs, from, to, ...texts);
  }

  settle(id: string, now: number): void {
    this.sqlite.run('UPDATE operations SET settled = 1 WHERE id = ?', id);
    const sql = 'DELETE FROM operations WHERE settled = 1 AND ends_ms < ?';
    this.sqlite.run(sql, now - OPERATION_RETENTION_MS);
  }
}

const textOf = (value: object | undefined): string | null =>
  value === undefined ? null : JSON.stringify(value);

function toOperation(row: OperationRow): Operation {
  return {
    id: row.id,
    kind: row.kind,
    scopeId: row.endpoint,
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
