import type { Json, JsonObject } from '../json.ts';
import type { Sqlite } from '../sqlite.ts';

/** A resource as it was last put; what an operation in progress shows is computed on top of it. */
export interface Resource {
  /** As first written, with its upper-case letters. */
  readonly id: string;
  readonly type: string;
  readonly body: JsonObject;
  /** Instances, or units, of a deployment that serve; 0 for anything else. */
  readonly ready: number;
}

export const RESOURCE_GROUP = 'Microsoft.Resources/resourceGroups';

const schema = `
CREATE TABLE IF NOT EXISTS resources (
  key TEXT PRIMARY KEY, id TEXT NOT NULL, type TEXT NOT NULL, body TEXT NOT NULL, ready INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS facts (key TEXT PRIMARY KEY, value TEXT NOT NULL);`;

interface ResourceRow {
  id: string;
  type: string;
  body: string;
  ready: number;
}

/** Resources by id, whatever its case; and the few other things that are kept, by name. */
export class ArmStore {
  private readonly sqlite: Sqlite;

  constructor(sqlite: Sqlite) {
    this.sqlite = sqlite;
    sqlite.exec(schema);
    // A data file of before groups were kept has resources whose group is missing.
    for (const resource of this.listAll('/')) this.ensureGroup(resource);
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

  /** Resources of any type whose id begins with the prefix. */
  listAll(prefix: string): readonly Resource[] {
    const sql = 'SELECT * FROM resources WHERE key >= ? AND key < ? ORDER BY key';
    const from = prefix.toLowerCase();
    return this.sqlite.all<ResourceRow>(sql, from, `${from}\u{10ffff}`).map(toResource);
  }

  put(resource: Resource): void {
    const sql = `INSERT INTO resources (key, id, type, body, ready) VALUES (?, ?, ?, ?, ?)
      ON CONFLICT (key) DO UPDATE SET body = excluded.body, ready = excluded.ready`;
    const { id, type, body, ready } = resource;
    this.sqlite.run(sql, id.toLowerCase(), id, type, JSON.stringify(body), ready);
    this.ensureGroup(resource);
  }

  /** Removes the resource with all below it. */
  remove(id: string): void {
    const key = id.toLowerCase();
    const sql = 'DELETE FROM resources WHERE key = ? OR (key >= ? AND key < ?)';
    this.sqlite.run(sql, key, `${key}/`, `${key}/\u{10ffff}`);
  }

  fact(key: string): Json | undefined {
    const sql = 'SELECT value FROM facts WHERE key = ?';
    const row = this.sqlite.all<{ value: string }>(sql, key)[0];
    return row === undefined ? undefined : (JSON.parse(row.value) as Json);
  }

  setFact(key: string, value: Json): void {
    const sql = `INSERT INTO facts (key, value) VALUES (?, ?)
      ON CONFLICT (key) DO UPDATE SET value = excluded.value`;
    this.sqlite.run(sql, key, JSON.stringify(value));
  }

  transact<T>(work: () => T): T {
    return this.sqlite.transact(work);
  }

  /** The first resource of a group makes the group, which Azure wants made before. */
  private ensureGroup({ id, type, body }: Resource): void {
    if (type === RESOURCE_GROUP) return;
    const [, group, name = ''] =
      /^(\/subscriptions\/[^/]+\/resourceGroups\/([^/]+))\//i.exec(id) ?? [];
    if (group === undefined || this.find(group) !== undefined) return;
    const location = body['location'] ?? 'local';
    const properties = { provisioningState: 'Succeeded' };
    const made = { id: group, name, type: RESOURCE_GROUP, location, properties };
    this.put({ id: group, type: RESOURCE_GROUP, ready: 0, body: made });
  }
}

function toResource(row: ResourceRow): Resource {
  const { id, type, ready } = row;
  return { id, type, ready, body: JSON.parse(row.body) as JsonObject };
}
