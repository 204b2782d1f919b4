import type { Answer } from '../http.ts';
import type { Json, JsonObject } from '../json.ts';
import type { Catalog, Container, Database } from './catalog.ts';
import { notImplemented } from './errors.ts';
import { itemRow, project, rowsOf } from './query/evaluate.ts';
import { parseQuery } from './query/parse.ts';
import { isAggregated } from './query/query.ts';
import { Work } from './query/work.ts';
import type { CosmosRequest } from './request.ts';
import { bodyObject, isSet, queryOf, unknownRoute } from './request.ts';

/** The account, for clients that look for its regions: there is this one. */
export function account(request: CosmosRequest): Answer {
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

export function databases(catalog: Catalog, request: CosmosRequest): Answer {
  if (asks(request)) {
    return listAnswer(
      'Databases',
      '',
      selected(request, catalog.listDatabases().map(databaseBody)),
    );
  }
  if (request.method !== 'POST') throw unknownRoute(request);
  return resource(201, databaseBody(catalog.createDatabase(bodyObject(request))));
}

export function oneDatabase(catalog: Catalog, request: CosmosRequest, id: string): Answer {
  if (request.method === 'GET') return resource(200, databaseBody(catalog.database(id)));
  if (request.method !== 'DELETE') throw unknownRoute(request);
  catalog.deleteDatabase(id);
  return { status: 204 };
}

export function containers(catalog: Catalog, request: CosmosRequest, database: string): Answer {
  if (asks(request)) {
    const list = catalog.listContainers(database).map(containerBody);
    const { rid } = catalog.database(database);
    return listAnswer('DocumentCollections', rid, selected(request, list));
  }
  if (request.method !== 'POST') throw unknownRoute(request);
  return resource(201, containerBody(catalog.createContainer(database, bodyObject(request))));
}

export function oneContainer(
  catalog: Catalog,
  request: CosmosRequest,
  database: string,
  id: string,
): Answer {
  switch (request.method) {
    case 'GET':
      return resource(200, containerBody(catalog.container(database, id)));
    case 'PUT': {
      const replaced = catalog.replaceContainer(database, id, bodyObject(request));
      return resource(200, containerBody(replaced));
    }
    case 'DELETE':
      catalog.deleteContainer(database, id);
      return { status: 204 };
    default:
      throw unknownRoute(request);
  }
}

const asks = (request: CosmosRequest): boolean =>
  request.method === 'GET' || isSet(request, 'x-ms-documentdb-isquery');

/** What a query over databases or containers gives: they are few, and there are no pages. */
function selected(request: CosmosRequest, list: readonly JsonObject[]): readonly Json[] {
  if (request.method === 'GET') return list;
  const { text, parameters } = queryOf(request);
  const query = parseQuery(text, parameters);
  const isSimple = query.orderBy.length === 0 && !query.distinct && !isAggregated(query);
  if (!isSimple || query.offset > 0 || query.limit !== undefined) {
    throw notImplemented(
      'query over databases or containers with more than SELECT, FROM and WHERE',
    );
  }
  const work = new Work();
  return list.flatMap((each) => {
    work.begin();
    const values = [...rowsOf(query, itemRow(each, work))].map((row) => project(query, row));
    return values.filter((value) => value !== undefined);
  });
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
  indexingPolicy: {
    indexingMode: 'consistent',
    automatic: true,
    includedPaths: [{ path: '/*' }],
    excludedPaths: [{ path: '/"_etag"/?' }],
  },
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

function listAnswer(name: string, rid: string, list: readonly Json[]): Answer {
  const count = list.length;
  const body = JSON.stringify({ _rid: rid, [name]: list, _count: count });
  return { status: 200, headers: { 'x-ms-item-count': String(count) }, body };
}
