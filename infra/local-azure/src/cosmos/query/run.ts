import type { ItemReader } from '../item-reader.ts';
import { encodeNumbered } from '../item-index/index-key.ts';
import type { Token } from './continuation.ts';
import { foreign, readToken, writeToken } from './continuation.ts';
import { itemRow, rowsOf } from './evaluate.ts';
import { cut as cutPage, gather } from './gathered.ts';
import { PageBuilder } from './page.ts';
import { choosePlan, planWith } from './plan/plan.ts';
import type { Plan } from './plan/plan.ts';
import { isAggregated } from './query.ts';
import { scan, toFound } from './scan.ts';
import type { PageRequest } from './page-request.ts';
import { Work } from './work.ts';

/** Places that are kept above those wanted before they are sorted and cut. */
const MAX_UNSORTED = 500;

export interface Page {
  /** JSON texts of the results. */
  readonly results: readonly string[];
  /** Goes on behind this page; undefined at the end. */
  readonly continuation: string | undefined;
  /** Items that were looked at. */
  readonly scanned: number;
}

/** One page of a query's results. */
export async function runQuery(items: ItemReader, request: PageRequest): Promise<Page> {
  const work = new Work();
  const token = readToken(request);
  const plan = planOf(request, token);
  const { query } = request;
  const page =
    isAggregated(query) || query.distinct
      ? await gatheredPage(items, request, token, plan, work)
      : await streamedPage(items, request, token, plan, work);
  return { ...page, scanned: work.scanned };
}

type Found = Omit<Page, 'scanned'>;

/** A scan that began over an index, or without, goes on so. */
function planOf(request: PageRequest, token: Token | undefined): Plan {
  const { question, indexes } = request;
  const place = token?.place;
  if (place?.kind === 'table') return choosePlan(question, []);
  if (place?.kind !== 'index') return choosePlan(question, indexes);
  const index = indexes.find(({ m }) => m === place.m);
  const plan = index === undefined ? undefined : planWith(question, index);
  if (plan === undefined) throw foreign();
  return plan;
}

async function gatheredPage(
  items: ItemReader,
  request: PageRequest,
  token: Token | undefined,
  plan: Plan,
  work: Work,
): Promise<Found> {
  const from = token?.given ?? 0;
  const all = await gather(items, request, plan, work);
  const results = cutPage(all, from, request.pageSize);
  const given = from + results.length;
  const continuation = given < all.length ? writeToken(request, { given }) : undefined;
  return { results, continuation };
}

async function streamedPage(
  items: ItemReader,
  request: PageRequest,
  token: Token | undefined,
  plan: Plan,
  work: Work,
): Promise<Found> {
  const { query, question } = request;
  const limit = query.limit ?? Infinity;
  const size = Math.min(request.pageSize, limit - (token?.given ?? 0));
  if (size <= 0) return { results: [], continuation: undefined };
  const page = new PageBuilder(query, size, token, work);
  const isInOrder = query.orderBy.length === 0 || (plan.kind === 'index' && plan.isOrdered);
  if (isInOrder) {
    const place = token?.place;
    await scan(
      items,
      { question, plan, place },
      work,
      (found) => page.take(found) && !page.endIfLong(),
    );
  } else await takeSorted(page, items, request, token, plan, work);
  const ended = !page.more || page.given >= limit;
  return {
    results: page.results,
    continuation: ended ? undefined : writeToken(request, page.next()),
  };
}

/** Looks at every match, keeps the places that come first, and reads those of the page again. */
async function takeSorted(
  page: PageBuilder,
  items: ItemReader,
  request: PageRequest,
  token: Token | undefined,
  plan: Plan,
  work: Work,
): Promise<void> {
  const skip = token === undefined ? request.query.offset : 0;
  const wanted = skip + request.pageSize + 1;
  const places = await firstPlaces(items, request, token, plan, work, wanted);
  for (const { sort, n } of places) {
    const stored = items.findNumber(n);
    // It may have been deleted while the scan let others have their turn.
    if (stored === undefined) continue;
    if (!page.take(toFound(items, stored, { kind: 'sort', sort }))) return;
  }
  page.more = places.length === wanted;
}

interface SortPlace {
  readonly sort: Buffer;
  readonly n: number;
}

/** The first places behind the token, in the order of the query. */
async function firstPlaces(
  items: ItemReader,
  { query, question }: PageRequest,
  token: Token | undefined,
  plan: Plan,
  work: Work,
  wanted: number,
): Promise<readonly SortPlace[]> {
  const places: SortPlace[] = [];
  const start = token?.place?.kind === 'sort' ? token.place.sort : undefined;
  await scan(items, { question, plan, place: undefined }, work, ({ item, stored }) => {
    if (rowsOf(query, itemRow(item, work)).next().done === true) return true;
    const sort = encodeNumbered(query.orderBy, item, stored.n);
    if (start !== undefined && sort.compare(start) <= 0) return true;
    places.push({ sort, n: stored.n });
    // Keeps memory at twice of what is wanted, whatever the container holds.
    if (places.length >= 2 * wanted + MAX_UNSORTED) cut(places, wanted);
    return true;
  });
  cut(places, wanted);
  return places;
}

function cut(list: SortPlace[], wanted: number): void {
  list.sort((left, right) => left.sort.compare(right.sort));
  if (list.length > wanted) list.length = wanted;
}
