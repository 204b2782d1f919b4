import { encodeNumbered } from '../item-index/index-key.ts';
import { MAX_PAGE_BYTES } from '../item-reader.ts';
import type { Part, Place, Token } from './continuation.ts';
import { itemRow, project, rowsOf } from './evaluate.ts';
import type { Row } from './evaluate.ts';
import type { Query, Value } from './query.ts';
import { ITEM } from './query.ts';
import type { Found } from './scan.ts';
import type { Work } from './work.ts';

/** Collects results up to a count and a size. */
export class PageBuilder {
  readonly results: string[] = [];
  /** Something comes behind this page. */
  more = false;
  private readonly query: Query;
  private readonly size: number;
  private readonly token: Token | undefined;
  private readonly work: Work;
  private place: Place | undefined;
  private part: Part | undefined;
  private skip: number;
  private count = 0;
  private bytes = 0;

  constructor(query: Query, size: number, token: Token | undefined, work: Work) {
    this.query = query;
    this.size = size;
    this.token = token;
    this.work = work;
    this.place = token?.place;
    this.skip = token === undefined ? query.offset : 0;
  }

  /** The item's rows; false once there is no room for one. */
  take(found: Found): boolean {
    const given = this.token?.part?.n === found.stored.n ? this.token.part.rows : 0;
    let rows = 0;
    for (const row of rowsOf(this.query, itemRow(found.item, this.work))) {
      rows += 1;
      if (rows <= given) continue;
      if (this.skip > 0) this.skip -= 1;
      else if (this.isFull) {
        if (rows > 1) this.part = { n: found.stored.n, rows: rows - 1 };
        this.more = true;
        return false;
      } else this.add(row, found);
    }
    this.place = placeIn(this.query, found);
    return true;
  }

  /** Ends a page that takes long; not before its offset, which has no place in a token. */
  endIfLong(): boolean {
    if (this.skip > 0 || !this.work.isLong) return false;
    this.more = true;
    return true;
  }

  /** Where the next page begins. */
  next(): Token {
    return { given: this.given, place: this.place, part: this.part };
  }

  /** Results up to here. */
  get given(): number {
    return (this.token?.given ?? 0) + this.count;
  }

  private get isFull(): boolean {
    return this.count >= this.size || this.bytes >= MAX_PAGE_BYTES;
  }

  private add(row: Row, found: Found): void {
    this.count += 1;
    const text = resultText(this.query, row, found);
    if (text === undefined) return;
    this.results.push(text);
    this.bytes += text.length;
  }
}

/** An ordered query goes on by its order, whatever way its items are found. */
export function placeIn(query: Query, { item, stored, place }: Found): Place {
  // A place of the order stays what it was when the item has moved since the scan came by.
  if (query.orderBy.length === 0 || place.kind === 'sort') return place;
  return { kind: 'sort', sort: encodeNumbered(query.orderBy, item, stored.n) };
}

/** An undefined value is left out of the results. */
function resultText(query: Query, row: Row, found: Found): string | undefined {
  const { selection } = query;
  if (selection.kind === 'all' && selection.slot === ITEM) return found.text;
  return textOf(project(query, row));
}

export const textOf = (value: Value): string | undefined =>
  value === undefined ? undefined : JSON.stringify(value);
