import { setImmediate } from 'node:timers/promises';
import type { Answer } from '../http.ts';
import type { Sqlite } from '../sqlite.ts';
import { answerBatch } from './batch.ts';
import type { Catalog, Container } from './catalog.ts';
import { containerGone, notImplemented } from './errors.ts';
import { answerChangeFeed, answerQuery, answerQueryPlan, answerRanges } from './feed.ts';
import type { ItemIndexes } from './item-index/item-indexes.ts';
import { Items } from './items.ts';
import { answerOffers } from './offers.ts';
import { fullKey } from './partition-key.ts';
import type { Operation } from './point.ts';
import { perform, toAnswer } from './point.ts';
import type { CosmosRequest } from './request.ts';
import { bodyJson, bodyObject, conditionOf, header, isSet } from './request.ts';
import { keyHeader, unknownRoute } from './request.ts';
import { account, containers, databases, oneContainer, oneDatabase } from './resources.ts';

/** What the routes work on. */
export interface DataPlane {
  readonly sqlite: Sqlite;
  readonly catalog: Catalog;
  readonly indexes: ItemIndexes;
  readonly clock: () => number;
  /** Of the account, when they are limited. */
  readonly requestUnitsPerSecond?: number | undefined;
}

export const itemsOf = ({ sqlite, clock, indexes }: DataPlane, container: Container): Items =>
  new Items(sqlite, container, clock, indexes);

/** Answers one request, by the shape of its path. */
export async function route(plane: DataPlane, request: CosmosRequest): Promise<Answer> {
  const { catalog } = plane;
  const [root, database = '', colls, container = ''] = request.segments;
  const length = request.segments.length;
  if (root === 'offers' && length <= 2) {
    return answerOffers(catalog, request, plane.requestUnitsPerSecond);
  }
  if (length === 0) return account(request);
  if (root !== 'dbs') throw unknownRoute(request);
  if (length === 1) return databases(catalog, request);
  if (length === 2) return oneDatabase(catalog, request, database);
  refuseMissing(colls);
  if (colls !== 'colls') throw unknownRoute(request);
  if (length === 3) return containers(catalog, request, database);
  if (length === 4) return oneContainer(catalog, request, database, container);
  const found = catalog.container(database, container);
  try {
    return await inContainer(plane, found, request);
  } catch (error) {
    // It was deleted while a scan let others have their turn: its tables are missing now.
    if (catalog.holds(found)) throw error;
    throw containerGone(`${database}/${container}`);
  }
}

async function inContainer(
  plane: DataPlane,
  container: Container,
  request: CosmosRequest,
): Promise<Answer> {
  const [kind, name, ...rest] = request.segments.slice(4);
  if (rest.length > 0) throw unknownRoute(request);
  refuseMissing(kind);
  switch (kind) {
    case 'pkranges':
      return answerRanges(container, request);
    case 'operations':
      if (name !== 'partitionkeydelete' || request.method !== 'POST') throw unknownRoute(request);
      return withSession(plane, container, await deletePartition(plane, container, request));
    case 'docs':
      return withSession(plane, container, await onItems(plane, container, request, name));
    default:
      throw unknownRoute(request);
  }
}

const MISSING: ReadonlyMap<string, string> = new Map([
  ['sprocs', 'stored procedures: use a transactional batch'],
  ['triggers', 'triggers'],
  ['udfs', 'user-defined functions: use what the query language has'],
  ['users', 'users and permissions: use the key of the account'],
  ['permissions', 'permissions: use the key of the account'],
  ['conflicts', 'conflicts: there is one region'],
  ['clientencryptionkeys', 'client encryption keys'],
]);

function refuseMissing(kind: string | undefined): void {
  const missing = MISSING.get(kind ?? '');
  if (missing !== undefined) throw notImplemented(missing);
}

async function onItems(
  plane: DataPlane,
  container: Container,
  request: CosmosRequest,
  id: string | undefined,
): Promise<Answer> {
  const items = itemsOf(plane, container);
  const { method } = request;
  refuseTriggers(request);
  const onOne = (operation: Operation): Answer => {
    const outcome = perform(items, container, operation, conditionOf(request));
    const isQuiet = operation.kind !== 'read' && isMinimal(request);
    return toAnswer(isQuiet ? { ...outcome, body: undefined } : outcome);
  };
  if (id !== undefined) return onOne(itemOperation(request, container, id));
  const isFeed = method === 'GET' && header(request, 'a-im') !== undefined;
  if (isFeed) return answerChangeFeed(items, container, request);
  if (method === 'GET') return answerQuery(items, plane.indexes, container, request);
  if (method !== 'POST') throw unknownRoute(request);
  if (isSet(request, 'x-ms-cosmos-is-query-plan-request')) return answerQueryPlan(request);
  if (isSet(request, 'x-ms-documentdb-isquery')) {
    return answerQuery(items, plane.indexes, container, request);
  }
  if (isSet(request, 'x-ms-cosmos-is-batch-request')) {
    return answerBatch(plane.sqlite, items, container, request);
  }
  const kind = isSet(request, 'x-ms-documentdb-is-upsert') ? 'upsert' : 'create';
  const key = fullKey(keyHeader(request), container.keyPaths);
  return onOne({ kind, key, item: bodyObject(request) });
}

/** The client wants no item back from a write. */
const isMinimal = (request: CosmosRequest): boolean =>
  header(request, 'prefer')?.toLowerCase() === 'return=minimal';

function refuseTriggers(request: CosmosRequest): void {
  for (const which of ['pre', 'post']) {
    const name = `x-ms-documentdb-${which}-trigger-include`;
    if (header(request, name) !== undefined) throw notImplemented(`triggers (${name})`);
  }
}

function itemOperation(request: CosmosRequest, container: Container, id: string): Operation {
  const key = fullKey(keyHeader(request), container.keyPaths);
  switch (request.method) {
    case 'GET':
      return { kind: 'read', key, id };
    case 'PUT':
      return { kind: 'replace', key, id, item: bodyObject(request) };
    case 'PATCH':
      return { kind: 'patch', key, id, patch: bodyJson(request) };
    case 'DELETE':
      return { kind: 'delete', key, id };
    default:
      throw unknownRoute(request);
  }
}

const DELETED_IN_A_TURN = 500;

/** Azure deletes in the background and hides the items at once; here they are gone at the answer. */
async function deletePartition(
  plane: DataPlane,
  container: Container,
  request: CosmosRequest,
): Promise<Answer> {
  const key = fullKey(keyHeader(request), container.keyPaths);
  const items = itemsOf(plane, container);
  while (items.removePartition(key, DELETED_IN_A_TURN) > 0) await setImmediate();
  return { status: 200 };
}

function withSession(plane: DataPlane, container: Container, answer: Answer): Answer {
  const lsn = itemsOf(plane, container).lsn();
  const headers = { ...answer.headers, lsn: String(lsn), 'x-ms-session-token': `0:-1#${lsn}` };
  return { ...answer, headers };
}
