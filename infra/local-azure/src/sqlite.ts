import type { SQLInputValue, StatementSync } from 'node:sqlite';
import { Database } from './folder/database.ts';
import type { DatabaseOptions } from './folder/database.ts';

const BUSY_TIMEOUT_MS = 5_000;

/** One SQLite file with its statements. What was committed survives what `options.sync` says. */
export class Sqlite {
  private readonly database: Database;
  private readonly statements = new Map<string, StatementSync>();
  private depth = 0;

  constructor(file: string, schema: string, options: DatabaseOptions = {}) {
    this.database = new Database(file, { busyTimeoutMs: BUSY_TIMEOUT_MS, ...options });
    this.database.exec(schema);
  }

  exec(sql: string): void {
    this.database.exec(sql);
  }

  run(sql: string, ...values: SQLInputValue[]): number {
    return Number(this.prepare(sql).run(...values).changes);
  }

  /** The caller names the rows' type: it is the one who wrote the columns. */
  all<Row>(sql: string, ...values: SQLInputValue[]): Row[] {
    const rows: unknown[] = this.prepare(sql).all(...values);
    return rows as Row[];
  }

  /** Row after row, for a reader that stops early. The reader must not write meanwhile. */
  iterate<Row>(sql: string, ...values: SQLInputValue[]): IterableIterator<Row> {
    const rows: IterableIterator<unknown> = this.prepare(sql).iterate(...values);
    return rows as IterableIterator<Row>;
  }

  /** Runs the work in one transaction; an error undoes it. An inner call joins the outer one. */
  transact<T>(work: () => T): T {
    if (this.depth > 0) return work();
    this.database.exec('BEGIN IMMEDIATE');
    this.depth += 1;
    try {
      const result = work();
      this.database.exec('COMMIT');
      return result;
    } catch (error) {
      if (this.database.isTransaction) this.database.exec('ROLLBACK');
      throw error;
    } finally {
      this.depth -= 1;
    }
  }

  close(): void {
    this.statements.clear();
    this.database.close();
  }

  private prepare(sql: string): StatementSync {
    const known = this.statements.get(sql);
    if (known !== undefined) return known;
    const statement = this.database.prepare(sql);
    this.statements.set(sql, statement);
    return statement;
  }
}
