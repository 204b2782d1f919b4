import { badRequest } from '../errors.ts';
import type { ItemReader } from '../item-reader.ts';
import { MAX_PAGE_BYTES } from '../item-reader.ts';
import { Groups } from './aggregate.ts';
import { addTo, itemRow, project, rowsOf } from './evaluate.ts';
import { canonical } from './order.ts';
import { placeIn, textOf } from './page.ts';
import type { Plan } from './plan/plan.ts';
import type { Query, Value } from './query.ts';
import { isAggregated } from './query.ts';
import { scan } from './scan.ts';
import type { PageRequest } from './page-request.ts';
import type { Work } from './work.ts';

/** Different results of one DISTINCT, which are held in memory. */
const MAX_DISTINCT = 100_000;

/**
 * The results of a query that has to see everything before its first one: aggregates, GROUP BY and
 * DISTINCT. Their order does not depend on how the items were found, so that a page can be found again.
 */
export async function gather(
  items: ItemReader,
  request: PageRequest,
  plan: Plan,
  work: Work,
): Promise<readonly string[]> {
  const { query } = request;
  const counted = isAggregated(query) ? countOnly(items, request) : undefined;
  if (counted !== undefined) return [counted];
  const values = isAggregated(query)
    ? await grouped(items, request, plan, work)
    : await distinct(items, request, plan, work);
  const end = query.offset + (query.limit ?? Infinity);
  return values.slice(query.offset, end).map((value) => textOf(value) ?? '');
}

/** Results from a number on, until there are too many or too large ones. */
export function cut(all: readonly string[], from: number, size: number): readonly string[] {
  const page: string[] = [];
  let bytes = 0;
  for (const text of all.slice(from, from + size)) {
    page.push(text);
    bytes += text.length;
    if (bytes >= MAX_PAGE_BYTES) break;
  }
  return page;
}

/** `SELECT VALUE COUNT(1) FROM c` needs no item. */
function countOnly(items: ItemReader, { query, question }: PageRequest): string | undefined {
  const { selection, aggregates, where, sources, groupBy, distinct: isDistinct } = query;
  const isPlain = where === undefined && sources.length + groupBy.length === 0 && !isDistinct;
  const isValue = selection.kind === 'value' && selection.expression.kind === 'aggregate';
  const [count] = aggregates;
  const counts = count?.name === 'COUNT' && count.argument.kind === 'constant';
  const isCut = query.offset > 0 || query.limit !== undefined;
  if (!isPlain || !isValue || !counts || isCut || aggregates.length > 1) return undefined;
  return count.argument.value === undefined ? '0' : String(items.count(question.scope));
}

async function grouped(
  items: ItemReader,
  { query, question }: PageRequest,
  plan: Plan,
  work: Work,
): Promise<readonly Value[]> {
  const groups = new Groups(query);
  await scan(items, { question, plan, place: undefined }, work, ({ item }) => {
    for (const row of rowsOf(query, itemRow(item, work))) addTo(groups, query, row);
    return true;
  });
  const values = groups.list().map((group) => project(query, { ...group, work }));
  const defined = values.filter((value) => value !== undefined);
  return query.distinct
    ? [...new Map(defined.map((each) => [canonical(each), each])).values()]
    : defined;
}

/** Each result once, at the first place of the order that it has. */
async function distinct(
  items: ItemReader,
  { query, question }: PageRequest,
  plan: Plan,
  work: Work,
): Promise<readonly Value[]> {
  const found = new Map<string, { readonly value: Value; readonly sort: Buffer }>();
  await scan(items, { question, plan, place: undefined }, work, (each) => {
    for (const row of rowsOf(query, itemRow(each.item, work))) {
      const value = project(query, row);
      const text = canonical(value);
      const sort = sortOf(query, placeIn(query, each), text);
      const known = found.get(text);
      if (value === undefined || (known !== undefined && known.sort.compare(sort) <= 0)) continue;
      if (found.size >= MAX_DISTINCT) {
        throw badRequest(
          `DISTINCT finds above ${MAX_DISTINCT} different results: narrow the query.`,
        );
      }
      found.set(text, { value, sort });
    }
    return true;
  });
  const list = [...found.values()].sort((left, right) => left.sort.compare(right.sort));
  return list.map(({ value }) => value);
}

function sortOf(query: Query, place: ReturnType<typeof placeIn>, text: string): Buffer {
  return place.kind === 'sort' && query.orderBy.length > 0 ? place.sort : Buffer.from(text);
}
