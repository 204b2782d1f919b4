import type { Answer } from '../http.ts';
import type { Container } from './catalog.ts';
import { badRequest, CosmosError, notImplemented } from './errors.ts';
import type { ItemIndexes } from './item-index/item-indexes.ts';
import type { Items } from './items.ts';
import { scopeOf } from './partition-key.ts';
import { parseQuery } from './query/parse.ts';
import { wishedIndex } from './query/plan/plan.ts';
import { runQuery } from './query/run.ts';
import { chargeText, queryCharge } from './request-units.ts';
import type { CosmosRequest } from './request.ts';
import { header, keyHeader, pageSizeOf, queryOf } from './request.ts';

/** The container has one range: the first and the last effective key. */
const RANGE = { min: '', max: 'FF' } as const;

/** Answers `POST …/docs` with a query, or `GET …/docs` (every item) when there is no body. */
export async function answerQuery(
  items: Items,
  indexes: ItemIndexes,
  container: Container,
  request: CosmosRequest,
): Promise<Answer> {
  const { text, parameters } = queryOf(request);
  refusePartOfRange(request);
  const query = parseQuery(text, parameters);
  const scope = scopeOf(keyHeader(request), container.keyPaths);
  const question = { query, scope, keyPaths: container.keyPaths };
  const wish = (): void => indexes.request(container.n, wishedIndex(question));
  const asked = {
    query,
    question,
    indexes: indexes.complete(container.n),
    pageSize: pageSizeOf(request),
    continuation: header(request, 'x-ms-continuation'),
  };
  const page = await runQuery(items, asked).catch((error: unknown) => {
    // Too long without an index: the next one that asks so may have it.
    if (error instanceof CosmosError && error.status === 408) wish();
    throw error;
  });
  if (page.scanned > LONG_SCAN_ROWS && page.scanned > LOW_YIELD * page.results.length) wish();
  const bytes = page.results.reduce((sum, text) => sum + text.length, 0);
  return feedAnswer(container, page.results, {
    'x-ms-request-charge': chargeText(queryCharge(page.scanned, bytes)),
    ...(page.continuation === undefined ? {} : { 'x-ms-continuation': page.continuation }),
  });
}

/** A page that looks at more items than this, and at this many for each result, gets an index. */
const LONG_SCAN_ROWS = 1_000;
const LOW_YIELD = 10;

/**
 * The plan of any query: with one range the server answers it whole, there is nothing to merge.
 * Parsing it here gives the same error as running it.
 */
export function answerQueryPlan(request: CosmosRequest): Answer {
  const { text, parameters } = queryOf(request);
  parseQuery(text, parameters);
  return { status: 200, body: JSON.stringify(IDENTITY_PLAN) };
}

/**
 * The change feed in "latest version" mode: the newest version of each item after the position in
 * `if-none-match`, deletions left out. The answer's etag is the next position; 304: nothing new.
 */
export function answerChangeFeed(
  items: Items,
  container: Container,
  request: CosmosRequest,
): Answer {
  if (header(request, 'a-im')?.toLowerCase() !== 'incremental feed') {
    throw notImplemented(`change feed mode '${header(request, 'a-im') ?? ''}'`);
  }
  refusePartOfRange(request);
  const scope = scopeOf(keyHeader(request), container.keyPaths);
  const from = header(request, 'if-none-match');
  const head = items.lsn();
  if (from === '*') return { status: 304, headers: { etag: `"${head}"` } };
  const rows = items.changes(scope, positionOf(from), sinceOf(request), pageSizeOf(request));
  const last = rows.at(-1);
  if (last === undefined) return { status: 304, headers: { etag: `"${head}"` } };
  const results = rows.map((row) => items.text(row));
  return feedAnswer(container, results, { etag: `"${last.lsn}"` });
}

export function answerRanges(container: Container, request: CosmosRequest): Answer {
  const etag = container.etag;
  if (header(request, 'if-none-match') === etag) return { status: 304, headers: { etag } };
  const range = {
    _rid: container.rid,
    id: '0',
    _etag: etag,
    minInclusive: RANGE.min,
    maxExclusive: RANGE.max,
    ridPrefix: 0,
    _self: `${container.self}pkranges/0/`,
    throughputFraction: 1,
    status: 'online',
    parents: [],
    _ts: container.ts,
  };
  const body = { _rid: container.rid, PartitionKeyRanges: [range], _count: 1 };
  return { status: 200, headers: { etag }, body: JSON.stringify(body) };
}

function feedAnswer(
  container: Container,
  results: readonly string[],
  headers: Readonly<Record<string, string>>,
): Answer {
  const count = results.length;
  const body = `{"_rid":"${container.rid}","Documents":[${results.join(',')}],"_count":${count}}`;
  return { status: 200, headers: { ...headers, 'x-ms-item-count': String(count) }, body };
}

/** A range below the whole one needs the hash of every key, which nothing here asks for. */
function refusePartOfRange(request: CosmosRequest): void {
  const start = header(request, 'x-ms-start-epk') ?? RANGE.min;
  const end = header(request, 'x-ms-end-epk') ?? RANGE.max;
  if (start === RANGE.min && end === RANGE.max) return;
  throw notImplemented('feed over a part of the key range or below a key prefix');
}

function positionOf(etag: string | undefined): number {
  if (etag === undefined) return 0;
  const lsn = Number(etag.replaceAll('"', ''));
  if (Number.isInteger(lsn) && lsn >= 0) return lsn;
  throw badRequest(`The change feed position ${etag} was not given by this server.`);
}

/** Seconds; later positions are after it anyway. */
function sinceOf(request: CosmosRequest): number {
  const text = header(request, 'if-modified-since');
  if (text === undefined) return 0;
  const instant = Date.parse(text);
  if (Number.isNaN(instant)) throw badRequest(`if-modified-since '${text}' is no date.`);
  return Math.floor(instant / 1000);
}

const IDENTITY_PLAN = {
  partitionedQueryExecutionInfoVersion: 2,
  queryInfo: {
    distinctType: 'None',
    top: null,
    offset: null,
    limit: null,
    orderBy: [],
    orderByExpressions: [],
    groupByExpressions: [],
    groupByAliases: [],
    aggregates: [],
    groupByAliasToAggregateType: {},
    rewrittenQuery: '',
    hasSelectValue: false,
  },
  queryRanges: [{ min: RANGE.min, max: RANGE.max, isMinInclusive: true, isMaxInclusive: false }],
} as const;
