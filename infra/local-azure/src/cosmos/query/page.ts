import type { Json } from '../../json.ts';
import { MAX_PAGE_BYTES } from '../items.ts';
import { evaluate } from './evaluate.ts';
import type { Query } from './query.ts';
import type { Match, Place } from './scan.ts';

/** Collects results up to a count and a size. */
export class PageBuilder {
  readonly results: string[] = [];
  count = 0;
  last: Place | undefined;
  private readonly query: Query;
  private readonly size: number;
  private bytes = 0;

  constructor(query: Query, size: number) {
    this.query = query;
    this.size = size;
  }

  get isFull(): boolean {
    return this.count >= this.size || this.bytes >= MAX_PAGE_BYTES;
  }

  add(match: Match): void {
    const text = project(this.query, match);
    this.count += 1;
    this.last = { position: match.position, sortValues: match.sortValues };
    if (text === undefined) return;
    this.results.push(text);
    this.bytes += text.length;
  }
}

function project(query: Query, match: Match): string | undefined {
  const { selection } = query;
  switch (selection.kind) {
    case 'all':
      return match.text;
    case 'value':
      return textOf(evaluate(selection.expression, match.item));
    case 'list':
      return JSON.stringify(
        Object.fromEntries(
          selection.columns.map(({ name, expression }) => [name, evaluate(expression, match.item)]),
        ),
      );
    case 'count':
      throw new Error('A count is no projection.');
  }
}

/** An undefined value is left out of the results. */
const textOf = (value: Json | undefined): string | undefined =>
  value === undefined ? undefined : JSON.stringify(value);
