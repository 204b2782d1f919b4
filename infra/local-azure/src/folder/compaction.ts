import { statSync } from 'node:fs';

/** How often it is looked whether there is something to give back. */
const LOOK_MS = 1_000;
/** While there is: pages in one slice (1 MB, some milliseconds), and the pause to the next. */
const SLICE_PAGES = 256;
const SLICE_PAUSE_MS = 20;
/** Free pages below this share of the file, or this number, are left for the writes to come. */
const MAX_FREE_SHARE = 0.25;
const MIN_FREE_PAGES = 256;

/** What it needs of an open file. */
export interface Compacted {
  exec(sql: string): void;
  /** The value of a pragma that is a number. */
  pragma(name: string): number;
  /** Rows that this connection has changed so far. */
  changes(): number;
}

/**
 * Keeps a file as small as what it holds: free pages are given back in slices, so that nothing
 * waits long; when nothing was written for a while, the write-ahead log is emptied.
 */
export class Compaction implements Disposable {
  readonly #database: Compacted;
  readonly #logFile: string;
  readonly #busyTimeoutMs: number;
  #timer: NodeJS.Timeout;
  #changes = 0;

  constructor(database: Compacted, file: string, busyTimeoutMs = 0) {
    this.#database = database;
    this.#logFile = `${file}-wal`;
    this.#busyTimeoutMs = busyTimeoutMs;
    this.#timer = this.#after(LOOK_MS);
  }

  /** Gives back one slice; false when there was none. */
  slice(): boolean {
    const free = this.#database.pragma('freelist_count');
    const most = Math.max(MIN_FREE_PAGES, this.#database.pragma('page_count') * MAX_FREE_SHARE);
    if (free <= most) return false;
    this.#database.exec(`PRAGMA incremental_vacuum(${SLICE_PAGES})`);
    return this.#database.pragma('freelist_count') < free;
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
  }

  #after(pauseMs: number): NodeJS.Timeout {
    return setTimeout(() => {
      this.#timer = this.#after(this.#tryLook() ? SLICE_PAUSE_MS : LOOK_MS);
    }, pauseMs).unref();
  }

  /** A full disk, or a file that is busy, stops no one here: it is looked again. */
  #tryLook(): boolean {
    try {
      return this.#look();
    } catch {
      return false;
    }
  }

  #look(): boolean {
    const changes = this.#database.changes();
    const isIdle = changes === this.#changes;
    this.#changes = changes;
    const goesOn = this.slice();
    if (isIdle && !goesOn && this.#logBytes() > 0) this.#emptyLog();
    return goesOn;
  }

  /** Without waiting for a reader: it is tried again. */
  #emptyLog(): void {
    this.#database.exec('PRAGMA busy_timeout = 0; PRAGMA wal_checkpoint(TRUNCATE);');
    this.#database.exec(`PRAGMA busy_timeout = ${this.#busyTimeoutMs}`);
  }

  #logBytes(): number {
    return statSync(this.#logFile, { throwIfNoEntry: false })?.size ?? 0;
  }
}
