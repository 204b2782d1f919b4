import type { JsonObject } from '../../json.ts';
import type { Sqlite } from '../../sqlite.ts';

/** An entry of the activity log, with what it is looked for by beside it. */
export interface ActivityEvent {
  readonly subscription: string;
  readonly timeMs: number;
  readonly resourceGroup: string;
  readonly resourceId: string;
  readonly provider: string;
  readonly correlationId: string;
  readonly status: string;
  readonly caller: string;
  /** The long-running operation that it is about, or an empty text. */
  readonly operationId: string;
  readonly body: JsonObject;
}

export interface ActivityQuery {
  readonly subscription: string;
  readonly fromMs: number;
  readonly toMs: number;
  readonly equal: Readonly<Partial<Record<ActivityKey, string>>>;
  /** Only entries older than that one; undefined: from the newest. */
  readonly before: number | undefined;
  readonly limit: number;
}

/** Columns that entries can be asked for by. */
export const ACTIVITY_KEYS = [
  'resource_group',
  'resource',
  'provider',
  'correlation',
  'status',
  'caller',
] as const;
export type ActivityKey = (typeof ACTIVITY_KEYS)[number];

/** Azure keeps the activity log so long. */
export const ACTIVITY_RETENTION_MS = 90 * 24 * 60 * 60 * 1000;

// Entries are ordered by time, and those of one instant as they came.
const schema = `
CREATE TABLE IF NOT EXISTS activity (
  id INTEGER PRIMARY KEY, subscription TEXT NOT NULL, time_ms INTEGER NOT NULL, resource_group TEXT NOT NULL,
  resource TEXT NOT NULL, provider TEXT NOT NULL, correlation TEXT NOT NULL, status TEXT NOT NULL,
  caller TEXT NOT NULL, operation TEXT NOT NULL, body TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS activity_time ON activity (subscription, time_ms, id);
CREATE INDEX IF NOT EXISTS activity_age ON activity (time_ms);
CREATE INDEX IF NOT EXISTS activity_operation ON activity (operation) WHERE operation <> '';`.replace(
  /^\/\/.*$/gm,
  '',
);

interface Row {
  id: number;
  time_ms: number;
  body: string;
}

export class ActivityStore {
  private readonly sqlite: Sqlite;

  constructor(sqlite: Sqlite) {
    this.sqlite = sqlite;
    sqlite.exec(schema);
  }

  add(event: ActivityEvent, now: number): void {
    const sql = `INSERT INTO activity (subscription, time_ms, resource_group, resource, provider,
      correlation, status, caller, operation, body) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`;
    const { subscription, resourceGroup, resourceId, provider, correlationId } = event;
    const { status, caller, operationId, body } = event;
    const keys = [resourceGroup, resourceId, provider, correlationId, status, caller];
    const lower = keys.map((key) => key.toLowerCase());
    const time = Math.round(event.timeMs);
    const text = JSON.stringify(body);
    this.sqlite.run(sql, subscription.toLowerCase(), time, ...lower, operationId, text);
    this.sqlite.run('DELETE FROM activity WHERE time_ms < ?', now - ACTIVITY_RETENTION_MS);
  }

  /** Newest first; with the id to go on from. */
  query(query: ActivityQuery): readonly { id: number; body: JsonObject }[] {
    const { subscription, fromMs, toMs, equal, before, limit } = query;
    const keys = ACTIVITY_KEYS.filter((key) => equal[key] !== undefined);
    const conditions = keys.map((key) => `AND ${key} = ?`).join(' ');
    const after = before === undefined ? undefined : this.find(before);
    const paging = after === undefined ? '' : 'AND (time_ms, id) < (?, ?)';
    const sql = `SELECT id, time_ms, body FROM activity WHERE subscription = ? AND time_ms >= ?
      AND time_ms <= ? ${conditions} ${paging} ORDER BY time_ms DESC, id DESC LIMIT ?`;
    const values = keys.map((key) => equal[key]?.toLowerCase() ?? '');
    const from = after === undefined ? [] : [after.time_ms, after.id];
    const bounds = [subscription.toLowerCase(), Math.ceil(fromMs), Math.floor(toMs)] as const;
    const rows = this.sqlite.all<Row>(sql, ...bounds, ...values, ...from, limit);
    return rows.map(({ id, body }) => ({ id, body: JSON.parse(body) as JsonObject }));
  }

  /** The first entry of an operation. */
  ofOperation(operationId: string): JsonObject | undefined {
    const sql = 'SELECT id, time_ms, body FROM activity WHERE operation = ? ORDER BY id LIMIT 1';
    const row = this.sqlite.all<Row>(sql, operationId)[0];
    return row === undefined ? undefined : (JSON.parse(row.body) as JsonObject);
  }

  private find(id: number): Row | undefined {
    return this.sqlite.all<Row>('SELECT id, time_ms, body FROM activity WHERE id = ?', id)[0];
  }
}
