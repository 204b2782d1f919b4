import type { IncomingHttpHeaders } from 'node:http';
import type { Json, JsonObject } from '../json.ts';
import { isObject } from '../json.ts';
import type { Condition } from './items.ts';
import { parseBounded } from './nesting.ts';
import type { CosmosError } from './errors.ts';
import { badRequest, notImplemented } from './errors.ts';
import type { Parameters } from './query/parse-expression.ts';

/** A request whose signature was checked. */
export interface CosmosRequest {
  readonly method: string;
  /** Decoded path segments: `['dbs', 'headroom', 'colls', 'audit', 'docs']`. */
  readonly segments: readonly string[];
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  /** Scheme, host and port as the client wrote them. */
  readonly baseUrl: string;
}

export function header(request: CosmosRequest, name: string): string | undefined {
  const value = request.headers[name];
  return Array.isArray(value) ? value[0] : value;
}

export const isSet = (request: CosmosRequest, name: string): boolean =>
  header(request, name)?.toLowerCase() === 'true';

export const keyHeader = (request: CosmosRequest): string | undefined =>
  header(request, 'x-ms-documentdb-partitionkey');

export function conditionOf(request: CosmosRequest): Condition {
  return { ifMatch: header(request, 'if-match'), ifNoneMatch: header(request, 'if-none-match') };
}

export function bodyJson(request: CosmosRequest): Json {
  const value = parseBounded(request.body);
  if (value === undefined) throw badRequest('The request body is no JSON.');
  return value;
}

export function bodyObject(request: CosmosRequest): JsonObject {
  const value = bodyJson(request);
  if (!isObject(value)) throw badRequest('The request body is no JSON object.');
  return value;
}

const DEFAULT_PAGE_SIZE = 100;
const MAX_PAGE_SIZE = 1000;

/** Results of a page; the client's -1 leaves it to the server. */
export function pageSizeOf(request: CosmosRequest): number {
  const text = header(request, 'x-ms-max-item-count');
  const size = text === undefined ? DEFAULT_PAGE_SIZE : Number(text);
  if (!Number.isInteger(size)) throw badRequest(`x-ms-max-item-count ${text ?? ''} is no number.`);
  return size < 1 ? DEFAULT_PAGE_SIZE : Math.min(size, MAX_PAGE_SIZE);
}

/** The query of a request; `GET` reads everything. */
export function queryOf(request: CosmosRequest): { text: string; parameters: Parameters } {
  if (request.method === 'GET') return { text: 'SELECT * FROM c', parameters: new Map() };
  const body = bodyObject(request);
  const text = body['query'];
  if (typeof text !== 'string') throw badRequest('The request holds no query.');
  return { text, parameters: parametersOf(body['parameters']) };
}

function parametersOf(list: Json | undefined): Parameters {
  const parameters = new Map<string, Json>();
  if (list === undefined || list === null) return parameters;
  if (!Array.isArray(list)) throw badRequest('parameters is a list.');
  for (const each of list as readonly Json[]) {
    const name = isObject(each) ? each['name'] : undefined;
    const value = isObject(each) ? each['value'] : undefined;
    if (typeof name !== 'string') throw badRequest('A parameter has a name such as "@target".');
    if (value !== undefined) parameters.set(name, value);
  }
  return parameters;
}

export const unknownRoute = (request: CosmosRequest): CosmosError =>
  notImplemented(`operation ${request.method} /${request.segments.join('/')}`);
