import { badRequest, CosmosError } from '../errors.ts';
import type { Value } from './query.ts';

/** As the service: a query that takes longer is answered with 408. */
const QUERY_TIME_LIMIT_MS = 60_000;
const PAGE_TIME_MS = 4_000;
/** One item may not hold up the others' requests for longer: between items they get their turn. */
const ITEM_TIME_LIMIT_MS = 1_000;
/** Of one text or list that an expression makes. */
const MAX_VALUE_LENGTH = 4 * 1024 * 1024;
/** Rows between two looks at the time. */
const LOOK_EVERY_ROWS = 256;

/** Bounds what a query costs: its time, and the size of what it makes. */
export class Work {
  /** Items that were looked at. */
  scanned = 0;
  private readonly now: () => number;
  private readonly started: number;
  private itemDeadline = Infinity;
  private rows = 0;

  constructor(now: () => number = () => performance.now()) {
    this.now = now;
    this.started = now();
  }

  /** A page that takes longer ends with what it has: the client goes on with the next one. */
  get isLong(): boolean {
    return this.scanned % LOOK_EVERY_ROWS === 0 && this.elapsedMs > PAGE_TIME_MS;
  }

  /** Before an item is evaluated. */
  begin(): void {
    this.itemDeadline = this.now() + ITEM_TIME_LIMIT_MS;
  }

  /** For each row that a JOIN or a subquery makes. */
  row(): void {
    this.rows += 1;
    if (this.rows % LOOK_EVERY_ROWS === 0 && this.now() > this.itemDeadline) {
      throw timedOut('The query makes too many rows of one item (JOIN or subquery)');
    }
  }

  /** Between two slices of a scan. */
  checkTime(): void {
    const seconds = QUERY_TIME_LIMIT_MS / 1000;
    if (this.elapsedMs > QUERY_TIME_LIMIT_MS)
      throw timedOut(`The query looked at items for ${seconds} s`);
  }

  private get elapsedMs(): number {
    return this.now() - this.started;
  }

  bounded(value: Value): Value {
    const isLong = typeof value === 'string' || Array.isArray(value);
    if (!isLong || value.length <= MAX_VALUE_LENGTH) return value;
    throw badRequest(`A value of the query is above ${MAX_VALUE_LENGTH} characters or elements.`);
  }
}

const timedOut = (what: string): CosmosError =>
  new CosmosError(408, 'RequestTimeout', `${what}: narrow it.`);
