import type { Items, Position } from '../items.ts';
import { placeOf, readToken, writeToken } from './continuation.ts';
import type { Token } from './continuation.ts';
import { PageBuilder } from './page.ts';
import { orderOf, scan, toMatch } from './scan.ts';
import type { PageRequest, Place } from './scan.ts';

/** Places that are kept above those wanted before they are sorted and cut. */
const MAX_UNSORTED = 500;
export interface Page {
  /** JSON texts of the results. */
  readonly results: readonly string[];
  /** Goes on behind this page; undefined at the end. */
  readonly continuation: string | undefined;
}

/** One page of a query's results. */
export async function runQuery(items: Items, request: PageRequest): Promise<Page> {
  const token = readToken(request);
  const { query } = request;
  if (query.selection.kind === 'count') return countAll(items, request);
  const given = token?.given ?? 0;
  const size = Math.min(request.pageSize, (query.limit ?? Infinity) - given);
  if (size <= 0) return { results: [], continuation: undefined };
  const page = new PageBuilder(query, size);
  const skip = token === undefined ? query.offset : 0;
  const more =
    query.orderBy.length === 0
      ? await fillUnordered(page, items, request, token, skip)
      : await fillOrdered(page, items, request, token, skip);
  const total = given + page.count;
  const { results, last } = page;
  const ended = !more || last === undefined || total >= (query.limit ?? Infinity);
  return { results, continuation: ended ? undefined : writeToken(request, last, total) };
}

async function countAll(items: Items, request: PageRequest): Promise<Page> {
  let count = 0;
  await scan(items, request, undefined, () => {
    count += 1;
    return true;
  });
  return { results: [String(count)], continuation: undefined };
}

/** In the order of the scan, which ends at the first match that has no room. */
async function fillUnordered(
  page: PageBuilder,
  items: Items,
  request: PageRequest,
  start: Position | undefined,
  skip: number,
): Promise<boolean> {
  let [skipped, more] = [0, false];
  await scan(items, request, start, (match) => {
    if (skipped < skip) {
      skipped += 1;
      return true;
    }
    more = page.isFull;
    if (!more) page.add(match);
    return !more;
  });
  return more;
}

/** Looks at every match, keeps the places that come first, and reads those of the page again. */
async function fillOrdered(
  page: PageBuilder,
  items: Items,
  request: PageRequest,
  token: Token | undefined,
  skip: number,
): Promise<boolean> {
  const places = await firstPlaces(items, request, token, skip + request.pageSize + 1);
  for (const { position } of places.slice(skip)) {
    if (page.isFull) return true;
    const row = items.find(position.pk, position.id);
    // It may have been deleted while the scan let others have their turn.
    if (row !== undefined) page.add(toMatch(items, request.query, row));
  }
  return false;
}

/** The first places behind the token, in the order of the query. */
async function firstPlaces(
  items: Items,
  request: PageRequest,
  token: Token | undefined,
  wanted: number,
): Promise<readonly Place[]> {
  const places: Place[] = [];
  const order = orderOf(request.query);
  const start = token === undefined ? undefined : placeOf(token);
  await scan(items, request, undefined, ({ position, sortValues }) => {
    const place = { position, sortValues };
    if (start !== undefined && order(place, start) <= 0) return true;
    places.push(place);
    // Keeps memory at twice of what is wanted, whatever the container holds.
    if (places.length >= 2 * wanted + MAX_UNSORTED) cut(places, order, wanted);
    return true;
  });
  cut(places, order, wanted);
  return places;
}

function cut(list: Place[], order: (left: Place, right: Place) => number, wanted: number): void {
  list.sort(order);
  if (list.length > wanted) list.length = wanted;
}
