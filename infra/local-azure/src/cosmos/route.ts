import type { Answer } from '../http.ts';
import type { Json, JsonObject } from '../json.ts';
import type { Sqlite } from '../sqlite.ts';
import { answerBatch } from './batch.ts';
import type { Catalog, Container, Database } from './catalog.ts';
import type { CosmosError } from './errors.ts';
import { notImplemented } from './errors.ts';
import { answerChangeFeed, answerQuery, answerQueryPlan, answerRanges } from './feed.ts';
import type { ItemIndexes } from './item-index/item-indexes.ts';
import { Items } from './items.ts';
import { fullKey } from './partition-key.ts';
import type { Operation } from './point.ts';
import { perform, toAnswer } from './point.ts';
import type { CosmosRequest } from './request.ts';
import { bodyJson, bodyObject, conditionOf, header, isSet, keyHeader } from './request.ts';

/** What the routes work on. */
export interface DataPlane {
  readonly sqlite: Sqlite;
  readonly catalog: Catalog;
  readonly indexes: ItemIndexes;
  readonly clock: () => number;
}

export const itemsOf = ({ sqlite, clock, indexes }: DataPlane, container: Container): Items =>
  new Items(sqlite, container, clock, indexes);

/** Answers one request, by the shape of its path. */
export async function route(plane: DataPlane, request: CosmosRequest): Promise<Answer> {
  const [dbs, database = '', colls, container = '', docs, ...rest] = request.segments;
  const length = request.segments.length;
  if (length === 0) return account(request);
  if (dbs !== 'dbs' || length > 6) throw unknownRoute(request);
  if (length === 1) return databases(plane.catalog, request);
  if (length === 2) return oneDatabase(plane.catalog, request, database);
  if (colls !== 'colls') throw unknownRoute(request);
  if (length === 3) return containers(plane.catalog, request, database);
  if (length === 4) return oneContainer(plane.catalog, request, database, container);
  const found = plane.catalog.container(database, container);
  if (docs === 'pkranges') return answerRanges(found, request);
  if (docs !== 'docs') throw unknownRoute(request);
  const answer = await onItems(plane, found, request, rest[0]);
  return withSession(plane, found, answer);
}

function onItems(
  plane: DataPlane,
  container: Container,
  request: CosmosRequest,
  id: string | undefined,
): Answer | Promise<Answer> {
  const items = itemsOf(plane, container);
  if (id !== undefined)
    return toAnswer(point(items, container, request, itemOperation(request, container, id)));
  if (request.method === 'GET') {
    const isFeed = header(request, 'a-im') !== undefined;
    return isFeed
      ? answerChangeFeed(items, container, request)
      : answerQuery(items, plane.indexes, container, request);
  }
  if (request.method !== 'POST') throw unknownRoute(request);
  if (isSet(request, 'x-ms-cosmos-is-query-plan-request')) return answerQueryPlan(request);
  if (isSet(request, 'x-ms-documentdb-isquery'))
    return answerQuery(items, plane.indexes, container, request);
  if (isSet(request, 'x-ms-cosmos-is-batch-request')) {
    return answerBatch(plane.sqlite, items, container, request);
  }
  const kind = isSet(request, 'x-ms-documentdb-is-upsert') ? 'upsert' : 'create';
  const key = fullKey(keyHeader(request), container.keyPaths);
  return toAnswer(point(items, container, request, { kind, key, item: bodyObject(request) }));
}

const point = (
  items: Items,
  container: Container,
  request: CosmosRequest,
  operation: Operation,
): ReturnType<typeof perform> => perform(items, container, operation, conditionOf(request));

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

function databases(catalog: Catalog, request: CosmosRequest): Answer {
  if (request.method === 'GET' || isSet(request, 'x-ms-documentdb-isquery')) {
    allowOnlyListing(request);
    return listAnswer('Databases', '', catalog.listDatabases().map(databaseBody));
  }
  if (request.method !== 'POST') throw unknownRoute(request);
  return resource(201, databaseBody(catalog.createDatabase(bodyObject(request))));
}

function oneDatabase(catalog: Catalog, request: CosmosRequest, id: string): Answer {
  if (request.method === 'GET') return resource(200, databaseBody(catalog.database(id)));
  if (request.method !== 'DELETE') throw unknownRoute(request);
  catalog.deleteDatabase(id);
  return { status: 204 };
}

function containers(catalog: Catalog, request: CosmosRequest, database: string): Answer {
  if (request.method === 'GET' || isSet(request, 'x-ms-documentdb-isquery')) {
    allowOnlyListing(request);
    const list = catalog.listContainers(database).map(containerBody);
    return listAnswer('DocumentCollections', catalog.database(database).rid, list);
  }
  if (request.method !== 'POST') throw unknownRoute(request);
  return resource(201, containerBody(catalog.createContainer(database, bodyObject(request))));
}

function oneContainer(
  catalog: Catalog,
  request: CosmosRequest,
  database: string,
  id: string,
): Answer {
  switch (request.method) {
    case 'GET':
      return resource(200, containerBody(catalog.container(database, id)));
    case 'PUT':
      return resource(
        200,
        containerBody(catalog.replaceContainer(database, id, bodyObject(request))),
      );
    case 'DELETE':
      catalog.deleteContainer(database, id);
      return { status: 204 };
    default:
      throw unknownRoute(request);
  }
}

/** `readAll()` of the SDK is this query; any other over databases or containers is not answered. */
function allowOnlyListing(request: CosmosRequest): void {
  if (request.method === 'GET') return;
  const query = bodyObject(request)['query'];
  if (typeof query === 'string' && /^\s*select\s+\*\s+from\s+\w+\s*$/i.test(query)) return;
  throw notImplemented('query over databases or containers other than SELECT * FROM c');
}

const databaseBody = (database: Database): JsonObject & { readonly _etag: string } => ({
  id: database.id,
  _rid: database.rid,
  _self: `dbs/${database.rid}/`,
  _etag: database.etag,
  _colls: 'colls/',
  _users: 'users/',
  _ts: database.ts,
});

const containerBody = (container: Container): JsonObject & { readonly _etag: string } => ({
  indexingPolicy: { indexingMode: 'consistent', automatic: true },
  conflictResolutionPolicy: { mode: 'LastWriterWins', conflictResolutionPath: '/_ts' },
  ...container.definition,
  id: container.id,
  _rid: container.rid,
  _self: container.self,
  _etag: container.etag,
  _ts: container.ts,
  _docs: 'docs/',
});

function resource(status: number, body: JsonObject & { readonly _etag: string }): Answer {
  return { status, headers: { etag: body._etag }, body: JSON.stringify(body) };
}

function listAnswer(name: string, rid: string, list: readonly JsonObject[]): Answer {
  const count = list.length;
  const body = JSON.stringify({ _rid: rid, [name]: list, _count: count });
  return { status: 200, headers: { 'x-ms-item-count': String(count) }, body };
}

function withSession(plane: DataPlane, container: Container, answer: Answer): Answer {
  const lsn = itemsOf(plane, container).lsn();
  const headers = { ...answer.headers, lsn: String(lsn), 'x-ms-session-token': `0:-1#${lsn}` };
  return { ...answer, headers };
}

function account(request: CosmosRequest): Answer {
  if (request.method !== 'GET') throw unknownRoute(request);
  const location: Json = { name: 'Local', databaseAccountEndpoint: request.baseUrl };
  const body: JsonObject = {
    _self: '',
    id: 'local',
    _rid: 'local',
    _dbs: '//dbs/',
    media: '//media/',
    addresses: '//addresses/',
    writableLocations: [location],
    readableLocations: [location],
    enableMultipleWriteLocations: false,
    userReplicationPolicy: { minReplicaSetSize: 1, maxReplicasetSize: 1 },
    userConsistencyPolicy: { defaultConsistencyLevel: 'Session' },
    systemReplicationPolicy: { minReplicaSetSize: 1, maxReplicasetSize: 1 },
    readPolicy: { primaryReadCoefficient: 1, secondaryReadCoefficient: 1 },
    queryEngineConfiguration: '{}',
  };
  return { status: 200, body: JSON.stringify(body) };
}

function unknownRoute(request: CosmosRequest): CosmosError {
  return notImplemented(`operation ${request.method} /${request.segments.join('/')}`);
}
