import { DatabaseSync } from 'node:sqlite';
import type { StatementSync } from 'node:sqlite';
import { Compaction } from './compaction.ts';
import { DataFolderError, isDamage, sqliteFailure } from './failures.ts';
import { FORMAT } from './format.ts';

/**
 * What an acknowledged write survives: the death of the process, or also a loss of power, which
 * takes one `fsync` for each commit.
 */
export type Sync = 'process' | 'full';

export interface DatabaseOptions {
  /** 'process' unless given. */
  readonly sync?: Sync | undefined;
  /** Told when a damaged page is met: what is read from now on cannot be trusted. */
  readonly onDamage?: ((error: DataFolderError) => void) | undefined;
  /** No other connection, of this process or another, may read the file. */
  readonly exclusive?: boolean;
  /** The log is copied into the file after so many pages: 1,000 unless given. */
  readonly checkpointPages?: number;
  /** How long to wait for another connection: not at all unless given. */
  readonly busyTimeoutMs?: number;
}

export const IN_MEMORY = ':memory:';

const DEFAULT_CHECKPOINT_PAGES = 1_000;
const PAGE_BYTES = 4096;
/** A file of an earlier version that holds no more is rewritten, so that its free pages can be given back. */
const MAX_REWRITTEN_BYTES = 64 * 1024 * 1024;

/**
 * One SQLite file of the data folder, in write-ahead mode. Its free pages are given back and its log
 * is kept short while it is open; `close` leaves one file that was written whole.
 */
export class Database extends DatabaseSync {
  readonly #file: string;
  readonly #onDamage: (error: DataFolderError) => void;
  #compaction: Compaction | undefined;

  constructor(file: string, options: DatabaseOptions = {}) {
    super(file, { timeout: options.busyTimeoutMs ?? 0 });
    this.#file = file;
    this.#onDamage = options.onDamage ?? (() => undefined);
    try {
      this.#prepareFile(options);
    } catch (error) {
      super.close();
      throw error;
    }
    if (file !== IN_MEMORY) this.#compaction = new Compaction(this, file, options.busyTimeoutMs);
  }

  override exec(sql: string): void {
    this.#guard(() => super.exec(sql));
  }

  override prepare(sql: string): StatementSync {
    const statement = this.#guard(() => super.prepare(sql));
    const guarded =
      <Result>(method: (...values: never[]) => Result) =>
      (...values: never[]): Result =>
        this.#guard(() => method(...values));
    const iterate = guarded(statement.iterate.bind(statement));
    return Object.assign(statement, {
      get: guarded(statement.get.bind(statement)),
      all: guarded(statement.all.bind(statement)),
      run: guarded(statement.run.bind(statement)),
      iterate: (...values: never[]) => this.#rows(iterate(...values)),
    });
  }

  pragma(name: string): number {
    return Number(this.prepare(`PRAGMA ${name}`).get()?.[name]);
  }

  changes(): number {
    return Number(this.prepare('SELECT total_changes() AS n').get()?.['n']);
  }

  override close(): void {
    this.#compaction?.[Symbol.dispose]();
    super.close();
  }

  #prepareFile(options: DatabaseOptions): void {
    const checkpointPages = options.checkpointPages ?? DEFAULT_CHECKPOINT_PAGES;
    if (options.exclusive === true) this.exec('PRAGMA locking_mode = EXCLUSIVE');
    // auto_vacuum first: it is for files that have no page yet.
    this.exec(
      `PRAGMA auto_vacuum = INCREMENTAL; PRAGMA journal_mode = WAL;
       PRAGMA synchronous = ${options.sync === 'full' ? 'FULL' : 'NORMAL'};
       PRAGMA wal_autocheckpoint = ${checkpointPages};
       PRAGMA journal_size_limit = ${checkpointPages * PAGE_BYTES};`,
    );
    if (options.exclusive === true) this.exec('BEGIN EXCLUSIVE; COMMIT;');
    this.#rewriteOldFile();
    if (this.pragma('user_version') < FORMAT) this.exec(`PRAGMA user_version = ${FORMAT}`);
  }

  #rewriteOldFile(): void {
    const used = this.pragma('page_count') - this.pragma('freelist_count');
    const INCREMENTAL = 2;
    if (this.pragma('auto_vacuum') === INCREMENTAL || used * PAGE_BYTES > MAX_REWRITTEN_BYTES)
      return;
    this.exec('PRAGMA auto_vacuum = INCREMENTAL; VACUUM');
  }

  *#rows<Row>(rows: Iterator<Row>): Generator<Row, undefined> {
    try {
      for (;;) {
        const next = this.#guard(() => rows.next());
        if (next.done === true) return;
        yield next.value;
      }
    } finally {
      rows.return?.();
    }
  }

  #guard<T>(work: () => T): T {
    try {
      return work();
    } catch (error) {
      const failure = sqliteFailure(this.#file, error);
      if (isDamage(error) && failure instanceof DataFolderError) this.#onDamage(failure);
      throw failure;
    }
  }
}
