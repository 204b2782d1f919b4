import type { Answer } from '../http.ts';
import type { JsonObject } from '../json.ts';
import type { Catalog, Container } from './catalog.ts';
import { badRequest, notFound, notImplemented } from './errors.ts';
import type { CosmosRequest } from './request.ts';
import { bodyObject, isSet } from './request.ts';

/** What an account without a limit says of every container. */
const DEFAULT_UNITS = 400;

/**
 * Throughput of containers, to be read: every container has the account's. The SDK asks with
 * `SELECT * from root where root.resource = "…"`; another query is refused.
 */
export function answerOffers(
  catalog: Catalog,
  request: CosmosRequest,
  unitsPerSecond: number | undefined,
): Answer {
  const [, id] = request.segments;
  const containers = [...catalog.allContainers()];
  const offer = (container: Container): JsonObject => offerOf(container, unitsPerSecond);
  if (request.method === 'PUT') {
    throw notImplemented('change of throughput: set requestUnitsPerSecond at the start');
  }
  if (request.method === 'GET' && id !== undefined) {
    const found = containers.find((each) => idOf(each) === id);
    if (found === undefined) throw notFound(`Offer ${id}`);
    return { status: 200, body: JSON.stringify(offer(found)) };
  }
  const asks = request.method === 'POST' && isSet(request, 'x-ms-documentdb-isquery');
  if (request.method !== 'GET' && !asks) throw notImplemented('creation of offers');
  const wanted = asks ? resourceOf(request) : undefined;
  const list = containers.filter((each) => wanted === undefined || trim(each.self) === wanted);
  const body = JSON.stringify({ _rid: '', Offers: list.map(offer), _count: list.length });
  return { status: 200, headers: { 'x-ms-item-count': String(list.length) }, body };
}

/** The link in the query; undefined: all. */
function resourceOf(request: CosmosRequest): string | undefined {
  const { query } = bodyObject(request);
  if (typeof query !== 'string') throw badRequest('The request holds no query.');
  if (/^\s*select\s+\*\s+from\s+\w+\s*$/i.test(query)) return undefined;
  const link = /^\s*select\s+\*\s+from\s+root\s+where\s+root\.resource\s*=\s*"([^"]*)"\s*$/i;
  const [, found] = link.exec(query) ?? [];
  if (found === undefined) throw notImplemented('query over offers other than by resource');
  return trim(found);
}

const trim = (link: string): string => link.replaceAll(/^\/+|\/+$/g, '');

/** In small letters: the service signs an offer's id so. */
const idOf = (container: Container): string => `offer${container.n}`;

function offerOf(container: Container, unitsPerSecond = DEFAULT_UNITS): JsonObject {
  const id = idOf(container);
  return {
    id,
    _rid: id,
    _self: `offers/${id}/`,
    _etag: container.etag,
    _ts: container.ts,
    resource: container.self,
    offerResourceId: container.rid,
    offerType: 'Invalid',
    offerVersion: 'V2',
    content: { offerThroughput: unitsPerSecond },
  };
}
