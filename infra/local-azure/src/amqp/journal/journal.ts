import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { Database } from '../../folder/database.ts';
import type { DatabaseOptions } from '../../folder/database.ts';
import { AmqpError } from '../errors.ts';

/** A change that becomes visible, and is acknowledged, once it is on disk. */
export interface Entry {
  /** Runs inside the transaction: statements only. */
  readonly write: () => void;
  readonly committed?: () => void;
  readonly failed?: (error: AmqpError) => void;
}

/** More than this in one transaction would hold the event loop for too long. */
const MAX_ENTRIES_PER_COMMIT = 4096;
/** The log is copied into the file, with a sync, every 16 MB. */
const CHECKPOINT_PAGES = 4096;

export type JournalOptions = Pick<DatabaseOptions, 'sync' | 'onDamage'>;

/**
 * Group commit: everything submitted in one turn of the event loop goes into one transaction, and
 * is acknowledged after it: it survives kill -9, and with `sync: 'full'` a loss of power.
 *
 * A transaction that fails stops the journal for good: memory would be ahead of the disk, and a
 * restart reads what the disk has. Until then every change is refused with the reason.
 */
export class Journal {
  readonly db: DatabaseSync;
  readonly #begin: StatementSync;
  readonly #end: StatementSync;
  #pending: Entry[] = [];
  #scheduled = false;
  #failure: AmqpError | undefined;
  #closed = false;

  constructor(file: string, options: JournalOptions = {}) {
    // Two servers on one file would give out the same sequence numbers: the second one is refused.
    this.db = new Database(file, {
      ...options,
      exclusive: true,
      checkpointPages: CHECKPOINT_PAGES,
    });
    this.db.exec('PRAGMA cache_size=-8192');
    this.#begin = this.db.prepare('BEGIN IMMEDIATE');
    this.#end = this.db.prepare('COMMIT');
  }

  /** True at the end: what was put off until later must not touch the file any more. */
  get isClosed(): boolean {
    return this.#closed;
  }

  submit(entry: Entry): void {
    if (this.#failure !== undefined || this.#closed) {
      entry.failed?.(this.#failure ?? stopped());
      return;
    }
    this.#pending.push(entry);
    if (this.#scheduled) return;
    this.#scheduled = true;
    setImmediate(() => this.flush());
  }

  flush(): void {
    this.#scheduled = false;
    while (this.#pending.length > 0) this.#commit(this.#pending.splice(0, MAX_ENTRIES_PER_COMMIT));
  }

  close(): void {
    if (this.#closed) return;
    this.flush();
    this.#closed = true;
    this.db.close();
  }

  #commit(entries: readonly Entry[]): void {
    const failure = this.#failure ?? this.#write(entries);
    for (const entry of entries) {
      if (failure === undefined) entry.committed?.();
      else entry.failed?.(failure);
    }
  }

  #write(entries: readonly Entry[]): AmqpError | undefined {
    try {
      this.#begin.run();
      for (const entry of entries) entry.write();
      this.#end.run();
      return undefined;
    } catch (error) {
      this.#failure = broken(error);
      if (this.db.isTransaction) this.db.exec('ROLLBACK');
      return this.#failure;
    }
  }
}

function broken(cause: unknown): AmqpError {
  const text = cause instanceof Error ? cause.message : String(cause);
  return new AmqpError(
    'amqp:internal-error',
    `The embedded Azure cannot write its data file: ${text}. Free some space and start it again.`,
    500,
  );
}

function stopped(): AmqpError {
  return new AmqpError('amqp:connection:forced', 'The embedded Azure is stopping.', 503);
}
