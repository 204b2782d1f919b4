import { DatabaseSync } from 'node:sqlite';
import type { SQLInputValue, StatementSync } from 'node:sqlite';

const BUSY_TIMEOUT_MS = 5_000;

/**
 * One SQLite file, in write-ahead mode. With `synchronous = NORMAL` a committed transaction survives
 * the death of the process (not the loss of power), which is what the embedded Azure promises.
 */
export class Sqlite {
  private readonly database: DatabaseSync;
  private readonly statements = new Map<string, StatementSync>();
  private depth = 0;

  constructor(file: string, schema: string) {
    this.database = new DatabaseSync(file);
    this.database.exec(
      `PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA busy_timeout = ${BUSY_TIMEOUT_MS};`,
    );
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
